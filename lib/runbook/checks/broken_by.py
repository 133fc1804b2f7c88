"""What makes each deciding fact false: a fault of the sandbox, or a part that is missing.

The table of steps is made of it (`python -m tools.steps`), and tests try every row on the sandbox.
"""

from collections.abc import Mapping
from typing import Final

MISSING: Final = "missing: "

BROKEN_BY: Final[Mapping[str, str]] = {
    "box.settings": f"{MISSING}the client secret",
    "box.key.readable": f"{MISSING}the passphrase",
    "box.reachable": "dropped_connection",
    "box.token.enterprise": "app_not_authorized",
    "box.token.signin": "token_refresh_expired",
    "box.clock": "clock_fast",
    "box.identity": "person_inactive",
    "box.enterprise": "other_enterprise",
    "box.scope.read_files": "missing_scope_root_readonly",
    "box.scope.write_files": "missing_scope_root_readwrite",
    "box.scope.manage_users": "no_users_right",
    "box.scope.manage_groups": "missing_scope_manage_groups",
    "box.scope.manage_enterprise_properties": "missing_scope_manage_enterprise_properties",
    "box.scope.manage_webhooks": "missing_scope_manage_webhook",
    "box.events.streaming": "streaming_refused",
    "box.events.history": "admin_logs_refused",
    "box.events.position": f"{MISSING}a stored position",
    "box.events.arrived": f"{MISSING}events that arrived",
    "box.as_user": "as_user_off",
    "box.token.user": "user_tokens_off",
    "box.gcm": f"{MISSING}the scope enterprise_content",
    "box.least_privilege": "gcm_granted",
    "box.webhooks.here": "webhook_cleaned_up",
    "box.webhooks.alive": f"{MISSING}a delivery",
    "kloudless.settings": f"{MISSING}the API key",
    "kloudless.reachable": "kloudless_5xx",
    "kloudless.connector": "kloudless_no_box_connector",
    "kloudless.api_key": "kloudless_unauthorized",
    "kloudless.account.admin": "kloudless_no_admin_account",
    "kloudless.identity": "upstream_expired",
    "kloudless.enterprise": "other_enterprise",
    "kloudless.keys.jwt": "kloudless_no_jwt_keys",
    "kloudless.keys.admin_oauth": "kloudless_no_admin_account",
    "kloudless.keys.oauth": "upstream_expired",
    "kloudless.team": "no_users_right",
    "kloudless.groups": "no_groups_right",
    "kloudless.recent": "kloudless_not_tracking",
    "kloudless.as_user": "kloudless_as_user_refused",
    "kloudless.raw_headers": "kloudless_raw_headers_dropped",
    "kloudless.activity.subscription": "kloudless_no_subscription",
    "kloudless.activity.events": "kloudless_not_tracking",
}
