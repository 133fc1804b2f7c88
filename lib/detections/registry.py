"""Every detection, in the order in which they are listed. Ids never change."""

from typing import Final

from lib.detections.detection import Detection
from lib.detections.rules.account_presence import DORMANT_RETURN, NEW_NETWORK
from lib.detections.rules.administration import ADMIN_TAKEOVER, APP_AND_KEY_CHANGES, OWNERSHIP_GRAB
from lib.detections.rules.box_alerts import SHIELD_AND_POLICY
from lib.detections.rules.content import RISKY_CONTENT
from lib.detections.rules.mass_actions import MASS_DELETE, MASS_DOWNLOAD, MASS_PERMISSION_CHANGE
from lib.detections.rules.sharing import ANONYMOUS_BURST, EXTERNAL_COLLABORATION, LINK_OPENED_WIDE
from lib.detections.rules.sign_ins import FAILED_LOGIN_BURST, PASSWORD_SPRAY
from lib.detections.rules.volume import STREAM_GAP, VOLUME_ANOMALY

DETECTIONS: Final[tuple[Detection, ...]] = (
    MASS_DOWNLOAD,
    MASS_DELETE,
    MASS_PERMISSION_CHANGE,
    EXTERNAL_COLLABORATION,
    LINK_OPENED_WIDE,
    ANONYMOUS_BURST,
    FAILED_LOGIN_BURST,
    PASSWORD_SPRAY,
    NEW_NETWORK,
    DORMANT_RETURN,
    ADMIN_TAKEOVER,
    OWNERSHIP_GRAB,
    APP_AND_KEY_CHANGES,
    RISKY_CONTENT,
    SHIELD_AND_POLICY,
    VOLUME_ANOMALY,
    STREAM_GAP,
)
_BY_ID: Final = {one.id: one for one in DETECTIONS}


def by_id(detection_id: str) -> Detection | None:
    """The detection of that id."""
    return _BY_ID.get(detection_id)
