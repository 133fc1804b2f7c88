"""What happens in each kind of incident: one play for each detection.

A play fills the stage with actions and answers who did it (a person's index; None: nobody of ours).
With `stage.small` it stays near the threshold of a sensible rule.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from lib.sandbox.world import names
from lib.sandbox.world.clockwork import start_of
from lib.sandbox.world.mixing import mix
from lib.sandbox.world.model import ANONYMOUS, IDLESS, NOBODY
from lib.sandbox.world.stage import BLOCK, MINUTE, IncidentScript, stranger


class Scale(NamedTuple):
    """How much larger than in the default world an incident must be to stand out.

    `size` follows the events of one person, `volume` those of the enterprise.
    """

    size: float
    volume: float


def _mass_download(stage: IncidentScript, scale: Scale) -> int:
    person = stage.actor()
    if stage.small:
        stage.working_hour(person)
    count = stage.between(20, 95, 115) if stage.small else stage.between(20, 160, 240)
    for _, after, chance in stage.spaced(int(count * scale.size), 50 if stage.small else 38):
        stage.add(after, "DOWNLOAD", person, stage.file(person, chance))
    return person


def _mass_delete(stage: IncidentScript, scale: Scale) -> int:
    person = stage.actor()
    count = stage.between(20, 48, 58) if stage.small else stage.between(20, 80, 130)
    for _, after, chance in stage.spaced(int(count * scale.size), 28 if stage.small else 16):
        stage.add(after, "DELETE", person, stage.file(person, chance))
    return person


def _mass_permission_change(stage: IncidentScript, scale: Scale) -> int:
    person = stage.actor()
    count = stage.between(20, 26, 32) if stage.small else stage.between(20, 45, 70)
    for number, after, chance in stage.spaced(int(count * scale.size), 25):
        if number % 3:
            target = stage.directory.pick_worker(chance >> 20)
            details = {"role": "co-owner" if number % 2 else "editor"}
            stage.add(after, "COLLABORATION_ROLE_CHANGE", person, stage.folder(person, chance),
                      target=target, details=details)  # fmt: skip
        else:
            stage.add(after, "CHANGE_FOLDER_PERMISSION", person, stage.folder(person, chance))
    return person


def _external_collaboration(stage: IncidentScript, scale: Scale) -> int:
    del scale
    person = stage.actor()
    count = 4 if stage.small else stage.between(20, 8, 14)
    domain = names.STRANGE_DOMAINS[stage.draw(21) % len(names.STRANGE_DOMAINS)]
    for _, after, chance in stage.spaced(count, 18):
        target = stranger(chance, domain)
        stage.add(after, "COLLABORATION_INVITE", person, stage.folder(person, chance),
                  target=target, details={"role": "editor"})  # fmt: skip
    if not stage.small:
        target = stranger(mix(stage.key, 0, 12), domain)
        stage.add(40 * MINUTE, "COLLABORATION_ACCEPT", NOBODY,
                  stage.folder(person, mix(stage.key, 0, 12)), stage.foreign_ip(),
                  target=target, by=target)  # fmt: skip
    return person


def _link_opened_wide(stage: IncidentScript, scale: Scale) -> int:
    del scale
    person = stage.actor()
    for number, after, chance in stage.spaced(2 if stage.small else stage.between(20, 6, 10), 20):
        item = stage.file(person, chance)
        details: dict[str, Any] = {"access": "open", "access_before": "company"}
        if number % 2:
            details |= {"is_password_enabled": False, "was_password_enabled": True}
        stage.add(after, "ITEM_SHARED_UPDATE", person, item, details=details, classified=True)
    return person


def _anonymous_burst(stage: IncidentScript, scale: Scale) -> None:
    person = stage.actor()
    item = stage.file(person, stage.draw(22))
    count = stage.between(20, 42, 50) if stage.small else stage.between(20, 90, 140)
    for _, after, chance in stage.spaced(int(count * scale.size), 28):
        ip = f"198.19.{100 + chance % 24}.{2 + (chance >> 8) % 240}"
        kind = "DOWNLOAD" if chance >> 20 & 1 else "PREVIEW"
        stage.add(after, kind, ANONYMOUS, item, ip)


def _failed_login_burst(stage: IncidentScript, scale: Scale) -> int:
    person = stage.actor()
    ip = stage.foreign_ip()
    count = stage.between(20, 9, 11) if stage.small else stage.between(20, 18, 30)
    count = int(count * max(1.0, scale.size / 4))
    for _, after, _ in stage.spaced(count, 8):
        stage.add(after, "FAILED_LOGIN", person, None, ip)
    if not stage.small:
        stage.add(9 * MINUTE, "LOGIN", person, None, ip)
    return person


def _password_spray(stage: IncidentScript, scale: Scale) -> None:
    del scale
    people = [i for i in stage.directory.workers if i]
    ip = stage.foreign_ip()
    count = min(
        len(people), stage.between(20, 12, 14) if stage.small else stage.between(20, 26, 38)
    )
    first = stage.draw(23)
    for number, after, _ in stage.spaced(count, 20):
        stage.add(after, "FAILED_LOGIN", people[(first + number) % len(people)], None, ip)


def _new_network(stage: IncidentScript, scale: Scale) -> int:
    del scale
    person = stage.actor()
    ip = stage.foreign_ip()
    stage.add(0, "LOGIN", person, None, ip)
    stage.add(MINUTE // 2, "ADD_LOGIN_ACTIVITY_DEVICE", person, None, ip)
    for number, after, chance in stage.spaced(2 if stage.small else stage.between(20, 10, 18), 30):
        kind = "PREVIEW" if number % 2 else "DOWNLOAD"
        stage.add(after + MINUTE, kind, person, stage.file(person, chance), ip)
    return person


def _dormant_return(stage: IncidentScript, scale: Scale) -> int:
    del scale
    dormants = stage.directory.dormants
    person = dormants[stage.ordinal // BLOCK % len(dormants)]
    stage.add(0, "LOGIN", person)
    for number, after, chance in stage.spaced(4 if stage.small else stage.between(20, 15, 30), 40):
        kind = "DOWNLOAD" if number % 3 == 0 else "PREVIEW"
        stage.add(after + MINUTE, kind, person, stage.file(person, chance))
    return person


def _admin_takeover(stage: IncidentScript, scale: Scale) -> int:
    del scale
    person = 2
    ally = stage.actor()
    ip = stage.foreign_ip()
    stage.add(0, "LOGIN", person, None, ip)
    stage.add(2 * MINUTE, "DISABLE_MULTI_FACTOR_AUTH", person, None, ip, target=ally)
    stage.add(5 * MINUTE, "CHANGE_ADMIN_ROLE", person, None, ip, target=ally,
              details={"new_role": "coadmin", "old_role": "user"})  # fmt: skip
    if not stage.small:
        stage.add(7 * MINUTE, "EDIT_USER", person, None, ip, target=ally)
        stage.add(9 * MINUTE, "EMAIL_ALIAS_PRIMARY", person, None, ip, target=ally)
        stage.add(12 * MINUTE, "ADMIN_LOGIN", person, None, ip, target=ally)
        stage.add(15 * MINUTE, "EXTERNAL_COLLAB_SECURITY_SETTINGS", person, None, ip)
    return person


def _ownership_grab(stage: IncidentScript, scale: Scale) -> int:
    del scale
    person = stage.actor()
    count = 5 if stage.small else stage.between(20, 12, 22)
    for _, after, chance in stage.spaced(count, 22):
        stage.add(after, "COLLABORATION_ROLE_CHANGE", person, stage.folder(person, chance),
                  target=person, details={"role": "owner"})  # fmt: skip
    for number in range(0 if stage.small else 3):
        stage.add((23 + number) * MINUTE, "ILLEGAL_ITEM_OWNERSHIP_TRANSFER_BY_USER", person,
                  stage.file(person, stage.draw(30 + number)))  # fmt: skip
    return person


def _app_and_key_changes(stage: IncidentScript, scale: Scale) -> int:
    del scale
    person = 1
    app = {
        "app_id": str(1_500_000 + stage.draw(24) % 90_000),
        "app_name": "Report Mirror" if stage.draw(25) % 2 else "Nightly export (copy)",
        "public_key_id": f"{stage.draw(26):016x}"[:8],
    }
    if not stage.small:
        stage.add(0, "APPLICATION_CREATED", person, details=app)
        stage.add(6 * MINUTE, "APPLICATION_PUBLIC_KEY_DELETED", person, details=app)
        stage.add(11 * MINUTE, "ENTERPRISE_APP_AUTHORIZATION_UPDATE", 0, details=app)
        stage.add(14 * MINUTE, "OAUTH2_ACCESS_TOKEN_REVOKE", person, details=app)
    stage.add(4 * MINUTE, "APPLICATION_PUBLIC_KEY_ADDED", person, details=app)
    return person


def _risky_content(stage: IncidentScript, scale: Scale) -> int:
    person = stage.actor()
    count = stage.between(20, 16, 22) if stage.small else stage.between(20, 50, 85)
    ending = (".locked", ".crypt", ".enc0d3d")[stage.draw(27) % 3]
    for _, after, chance in stage.spaced(int(count * min(scale.size, 4)), 12):
        item = stage.file(person, chance)
        stage.add(after, "RENAME", person, item, name=stage.tree.file_name(item) + ending)
    if not stage.small:
        note = stage.file(person, stage.draw(28))
        stage.add(13 * MINUTE, "UPLOAD", person, note, name="HOW_TO_DECRYPT_FILES.txt")
        stage.add(14 * MINUTE, "FILE_MARKED_MALICIOUS", IDLESS, note, name="invoice_viewer.exe")
    return person


def _shield_and_policy(stage: IncidentScript, scale: Scale) -> int:
    del scale
    person = stage.actor()
    rules = (
        "Anomalous Download",
        "Suspicious Locations",
        "Suspicious Sessions",
        "Malicious Content",
    )
    count = 1 if stage.small else stage.between(20, 2, 3)
    for number in range(count):
        rule = rules[(stage.draw(29) + number) % len(rules)]
        stage.add(number * 3 * MINUTE, "SHIELD_ALERT", NOBODY, alert=rule, suspect=person)
    if not stage.small:
        item = stage.file(person, stage.draw(31))
        stage.add(12 * MINUTE, "SHIELD_DOWNLOAD_BLOCKED", person, item)
        stage.add(14 * MINUTE, "CONTENT_WORKFLOW_UPLOAD_POLICY_VIOLATION", person, item)
        stage.add(16 * MINUTE, "CONTENT_WORKFLOW_SHARING_POLICY_VIOLATION", person, item)
        stage.add(18 * MINUTE, "SHIELD_INFORMATION_BARRIER_COLLAB_BLOCKED", person)
    return person


def _volume_anomaly(stage: IncidentScript, scale: Scale) -> None:
    """Half the enterprise at once, at an hour when nearly nobody works."""
    sunday = stage.ordinal % 7 == 0
    stage.start = start_of(stage.ordinal) + (3 if sunday else 22) * 60 * MINUTE
    count = stage.between(20, 190, 220) if stage.small else stage.between(20, 280, 380)
    for _, after, chance in stage.spaced(int(count * scale.volume), 50):
        person = stage.directory.workers[(chance >> 12) % len(stage.directory.workers)]
        kind = "CONTENT_ACCESS" if chance & 3 else "PREVIEW"
        stage.add(after, kind, person, stage.file(person, chance >> 4), service=names.BACKUP_APP)


Play = Callable[[IncidentScript, Scale], int | None]
PLAYS: dict[str, Play] = {
    "mass_download": _mass_download,
    "mass_delete": _mass_delete,
    "mass_permission_change": _mass_permission_change,
    "external_collaboration": _external_collaboration,
    "link_opened_wide": _link_opened_wide,
    "anonymous_burst": _anonymous_burst,
    "failed_login_burst": _failed_login_burst,
    "password_spray": _password_spray,
    "new_network": _new_network,
    "dormant_return": _dormant_return,
    "admin_takeover": _admin_takeover,
    "ownership_grab": _ownership_grab,
    "app_and_key_changes": _app_and_key_changes,
    "risky_content": _risky_content,
    "shield_and_policy": _shield_and_policy,
    "volume_anomaly": _volume_anomaly,
}
