"""What the record of each detection says, and how far back it must read."""

from datetime import timedelta

import pytest

from lib.detections.registry import DETECTIONS

# Family, technique, days it reads back, types of events, harmless causes.
RECORDS = {
    "mass_download": ("Content", "T1530", 41, 3, 3),
    "mass_delete": ("Content", "T1485", 41, 3, 2),
    "mass_permission_change": ("Sharing", "T1098", 41, 5, 2),
    "external_collaboration": ("Sharing", "T1537", 41, 2, 3),
    "link_opened_wide": ("Sharing", "T1567", 41, 2, 2),
    "anonymous_burst": ("Sharing", "T1530", 39 + 7 / 24, 3, 2),
    "failed_login_burst": ("Sign-in", "T1110.001", 39 + 2.25 / 24, 1, 2),
    "password_spray": ("Sign-in", "T1110.003", 39 + 7 / 24, 1, 2),
    "new_network": ("Sign-in", "T1078.004", 28 + 3 / 24, 2, 2),
    "dormant_return": ("Sign-in", "T1078.004", 91, 0, 2),
    "admin_takeover": ("Administration", "T1098.003", 11 + 8 / 24, 6, 2),
    "ownership_grab": ("Administration", "T1098", 13, 3, 2),
    "app_and_key_changes": ("Administration", "T1098.001", 11 + 4 / 24, 6, 2),
    "risky_content": ("Content", "T1486", 19 + 7 / 24, 9, 2),
    "shield_and_policy": ("Security", None, 13, 17, 2),
    "volume_anomaly": ("Rhythm", None, 59 + 1 / 24, 0, 2),
    "stream_gap": ("Rhythm", None, 53, 0, 2),
}


def test_each_detection_has_its_family_technique_types_and_harmless_causes() -> None:
    assert [one.id for one in DETECTIONS] == list(RECORDS)
    for one in DETECTIONS:
        family, technique, days, types, causes = RECORDS[one.id]
        assert (one.family, one.attack.id if one.attack else None) == (family, technique), one.id
        assert one.look_back / timedelta(days=1) == pytest.approx(days), one.id
        assert (len({*one.types}), len({*one.benign_causes})) == (types, causes), one.id
        assert (len(one.types), len(one.benign_causes)) == (types, causes), one.id
