"""Every operation of the sandbox's Box by witness: how the official SDK (boxsdk 10) drives it.

`DRIVEN` maps an operation to what the SDK does with it; `NOT_OFFERED` says why the SDK can't.
Each function fails by an exception or a failed assertion. Kloudless's rows are in
operations_kloudless.py.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import requests
from box_sdk_gen import (
    BaseUrls,
    BoxAPIError,
    BoxCCGAuth,
    BoxClient,
    BoxDeveloperTokenAuth,
    BoxJWTAuth,
    BoxOAuth,
    BoxRetryStrategy,
    CCGConfig,
    JWTConfig,
    NetworkSession,
    OAuthConfig,
)
from box_sdk_gen.managers.authorization import AuthorizationManager, AuthorizeUserResponseType
from box_sdk_gen.managers.events import GetEventsStreamType
from box_sdk_gen.managers.folders import CreateFolderParent
from box_sdk_gen.managers.search import SearchForContentScope
from box_sdk_gen.managers.webhooks import (
    CreateWebhookTarget,
    CreateWebhookTargetTypeField,
    CreateWebhookTriggers,
    UpdateWebhookByIdTriggers,
)
from box_sdk_gen.networking.box_network_client import BoxNetworkClient

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer that the SDK got."""

    method: str
    path: str
    status: int
    content_type: str
    request_id: str | None
    body: bytes


@dataclass(slots=True)
class Sdk:
    """The official SDK, pointed at the sandbox; `seen` keeps what went over the wire."""

    url: str
    credentials: Mapping[str, Any]
    apps: Mapping[str, Mapping[str, Any]]
    seen: list[Seen] = field(default_factory=list)
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.hooks["response"].append(self._note)

    def _note(self, answer: requests.Response, *_args: Any, **_kwargs: Any) -> None:
        request = answer.request
        self.seen.append(
            Seen(
                str(request.method),
                urlsplit(str(request.url)).path,
                answer.status_code,
                answer.headers.get("content-type", ""),
                answer.headers.get("box-request-id"),
                answer.content,
            )
        )

    def network(self) -> NetworkSession:
        """A session that goes to the sandbox and gives up at the first refusal."""
        return NetworkSession(
            network_client=BoxNetworkClient(requests_session=self.http),
            retry_strategy=BoxRetryStrategy(max_attempts=1, max_retries_on_exception=0),
            base_urls=BaseUrls(
                base_url=self.url, upload_url=self.url, oauth_2_url=f"{self.url}/api/oauth2"
            ),
        )

    def client(self, auth: Any) -> BoxClient:
        """A client with this way to get in."""
        return BoxClient(auth=auth, network_session=self.network())

    def jwt_auth(self, app: str = "main") -> BoxJWTAuth:
        """The service account, by the JSON that Box's console gives."""
        return BoxJWTAuth(
            config=JWTConfig.from_config_json_string(json.dumps(self.apps[app]["config"]))
        )

    def service(self, app: str = "main") -> BoxClient:
        """The service account of an app."""
        return self.client(self.jwt_auth(app))

    def user(self, kind: str = "managed") -> BoxClient:
        """A user by a token of their own."""
        return self.client(self.jwt_auth().with_user_subject(self.credentials["users"][kind]))

    def ccg(self) -> BoxClient:
        """The service account by client credentials."""
        given = self.credentials["ccg"]
        return self.client(BoxCCGAuth(config=CCGConfig(**given)))

    def oauth(self) -> BoxOAuth:
        """The OAuth app after its admin clicked on Grant."""
        given = self.credentials["oauth"]
        auth = BoxOAuth(OAuthConfig(given["client_id"], given["client_secret"]))
        auth.get_tokens_authorization_code_grant(self.code(), network_session=self.network())
        return auth

    def code(self) -> str:
        """What a browser brings back after a click on Grant: the SDK has no browser."""
        given = self.credentials["oauth"]
        login = self.service().users.get_user_by_id(self.credentials["users"]["admin"]).login
        answer = httpx.post(
            f"{self.url}/api/oauth2/authorize",
            data={
                "client_id": given["client_id"],
                "response_type": "code",
                "redirect_uri": given["redirect_uris"][0],
                "login": str(login),
                "decision": "grant",
            },
        )
        return str(httpx.URL(answer.headers["location"]).params["code"])

    def a_folder(self, client: BoxClient) -> str:
        """Some folder that the client sees."""
        entries = client.folders.get_folder_items("0").entries or []
        return next(entry.id for entry in entries if entry.type == "folder")

    def a_file(self, client: BoxClient) -> str:
        """Some file that the client sees."""
        entries = client.recent_items.get_recent_items().entries or []
        return next(one.item.id for one in entries if one.item is not None)


def _tokens(sdk: Sdk) -> None:
    assert str(sdk.service().users.get_user_me().login).endswith("@boxdevedition.com")
    managed = sdk.credentials["users"]["managed"]
    assert sdk.user().users.get_user_me().id == managed
    assert str(sdk.ccg().users.get_user_me().login).endswith("@boxdevedition.com")
    given = sdk.credentials["ccg"]
    one = BoxCCGAuth(CCGConfig(given["client_id"], given["client_secret"], user_id=managed))
    assert sdk.client(one).users.get_user_me().id == managed
    oauth = sdk.oauth()
    first = oauth.token_storage.get()
    second = oauth.refresh_token(network_session=sdk.network())
    assert first is not None
    assert second.refresh_token not in (None, first.refresh_token)
    person = sdk.jwt_auth().with_user_subject(managed)
    folder = sdk.a_folder(sdk.client(person))
    small = person.downscope_token(
        ["item_preview"],
        resource=f"https://api.box.com/2.0/folders/{folder}",
        network_session=sdk.network(),
    )
    assert small.restricted_to is not None
    restricted = small.restricted_to[0].object
    assert restricted is not None
    assert restricted.id == folder
    developer = BoxDeveloperTokenAuth(sdk.credentials["developer_token"])
    assert sdk.client(developer).users.get_user_me().id == sdk.credentials["users"]["admin"]


def _revoke(sdk: Sdk) -> None:
    auth = sdk.oauth()
    token = auth.token_storage.get()
    assert token is not None
    auth.revoke_token(network_session=sdk.network())
    gone = sdk.client(BoxDeveloperTokenAuth(str(token.access_token)))
    with pytest.raises(BoxAPIError) as caught:
        gone.users.get_user_me()
    assert caught.value.response_info.status_code == 401


def _authorize(sdk: Sdk) -> None:
    given = sdk.credentials["oauth"]
    AuthorizationManager(network_session=sdk.network()).authorize_user(
        AuthorizeUserResponseType.CODE,
        given["client_id"],
        redirect_uri=given["redirect_uris"][0],
        state="s",
    )


def _me(sdk: Sdk) -> None:
    me = sdk.service().users.get_user_me(fields=["role", "enterprise"])
    assert me.enterprise is not None
    assert me.enterprise.id == sdk.credentials["ccg"]["enterprise_id"]


def _users(sdk: Sdk) -> None:
    client = sdk.service()
    page = client.users.get_users(limit=3)
    assert page.total_count is not None
    assert len(page.entries or []) == 3
    found, marker = [], None
    while True:
        marked = client.users.get_users(usemarker=True, marker=marker, limit=25)
        found += marked.entries or []
        marker = marked.next_marker
        if not marker:
            break
    assert len({one.id for one in found}) == page.total_count


def _user(sdk: Sdk) -> None:
    requested = sdk.credentials["users"]["coadmin"]
    one = sdk.service().users.get_user_by_id(requested, fields=["role", "tracking_codes"])
    assert (one.id, one.role) == (requested, "coadmin")


def _groups(sdk: Sdk) -> None:
    assert sdk.service().groups.get_groups(fields=["description"]).entries


def _group_id(sdk: Sdk) -> str:
    entries = sdk.service().groups.get_groups().entries or []
    return next(one.id for one in entries)


def _group(sdk: Sdk) -> None:
    requested = _group_id(sdk)
    assert sdk.service().groups.get_group_by_id(requested).id == requested


def _group_memberships(sdk: Sdk) -> None:
    requested = _group_id(sdk)
    page = sdk.service().memberships.get_group_memberships(requested)
    assert all(one.group is not None and one.group.id == requested for one in page.entries or [])


def _user_memberships(sdk: Sdk) -> None:
    requested = sdk.credentials["users"]["managed"]
    page = sdk.service().memberships.get_user_memberships(requested)
    assert all(one.user is not None and one.user.id == requested for one in page.entries or [])


def _membership(sdk: Sdk) -> None:
    page = sdk.service().memberships.get_group_memberships(_group_id(sdk))
    requested = next(one.id for one in page.entries or [])
    assert sdk.service().memberships.get_group_membership_by_id(str(requested)).id == requested


def _device_pinners(sdk: Sdk) -> None:
    enterprise = sdk.credentials["ccg"]["enterprise_id"]
    page = sdk.service().device_pinners.get_enterprise_device_pinners(enterprise, limit=2)
    assert [one.type for one in page.entries or []] == ["device_pinner"] * 2


def _configuration(sdk: Sdk) -> None:
    enterprise = sdk.credentials["ccg"]["enterprise_id"]
    manager = sdk.service().enterprise_configurations
    found = manager.get_enterprise_configuration_by_id_v2025_r0(
        enterprise, ["security", "content_and_sharing", "user_settings", "shield"]
    )
    assert found.security is not None
    assert found.security.is_multi_factor_auth_required is not None
    assert found.security.is_multi_factor_auth_required.value is True


def _events(sdk: Sdk) -> None:
    admin = sdk.service()
    history = admin.events.get_events(
        stream_type=GetEventsStreamType.ADMIN_LOGS,
        created_after=UNTIL - timedelta(days=2),
        created_before=UNTIL - timedelta(days=1),
        limit=50,
    )
    assert history.entries
    live = admin.events.get_events(
        stream_type=GetEventsStreamType.ADMIN_LOGS_STREAMING, stream_position="now"
    )
    assert not live.entries
    assert int(str(live.next_stream_position)) > 2**53
    for stream in ("all", "changes", "sync"):
        page = sdk.user().events.get_events(stream_type=GetEventsStreamType(stream), limit=20)
        assert page.next_stream_position is not None


def _long_poll(sdk: Sdk) -> None:
    servers = sdk.user().events.get_events_with_long_polling()
    assert [one.type for one in servers.entries or []] == ["realtime_server"]


def _subscribe(sdk: Sdk) -> None:
    httpx.post(f"{sdk.url}/sandbox/faults", json={"name": "long_poll_reconnect"})
    stream = sdk.user().events.get_event_stream()
    assert stream._get_long_poll_info_and_poll() == "reconnect"


def _folder(sdk: Sdk) -> None:
    root = sdk.user().folders.get_folder_by_id("0")
    assert (root.id, root.name) == ("0", "All Files")


def _folder_items(sdk: Sdk) -> None:
    client = sdk.user()
    page = client.folders.get_folder_items("0", limit=2, fields=["permissions", "owned_by"])
    assert len(page.entries or []) <= 2
    marked = client.folders.get_folder_items("0", usemarker=True, limit=1)
    assert marked.total_count is None


def _file(sdk: Sdk) -> None:
    client = sdk.user()
    requested = sdk.a_file(client)
    one = client.files.get_file_by_id(requested, fields=["extension", "permissions", "lock"])
    assert one.id == requested


def _recent(sdk: Sdk) -> None:
    entries = sdk.user().recent_items.get_recent_items(limit=5).entries or []
    assert [one.type for one in entries] == ["recent_item"] * len(entries)


def _search(sdk: Sdk) -> None:
    page = sdk.user().search.search_for_content(query="project", limit=5)
    assert page.total_count is not None
    wide = sdk.service("gcm").search.search_for_content(
        query="a", scope=SearchForContentScope.ENTERPRISE_CONTENT, limit=5
    )
    assert wide.entries


def _made_folder(client: BoxClient, name: str = "A folder of the SDK's") -> str:
    made = client.folders.create_folder(name, CreateFolderParent(id="0"))
    assert (made.name, made.parent and made.parent.id) == (name, "0")
    return str(made.id)


def _create_folder(sdk: Sdk) -> None:
    client = sdk.service()
    requested = _made_folder(client)
    assert requested in [one.id for one in client.folders.get_folder_items("0").entries or []]
    with pytest.raises(BoxAPIError) as caught:
        _made_folder(client)
    answer = caught.value.response_info
    assert (answer.status_code, answer.code) == (409, "item_name_in_use")
    client.folders.delete_folder_by_id(requested)


def _delete_folder(sdk: Sdk) -> None:
    client = sdk.service()
    requested = _made_folder(client)
    client.folders.create_folder("below", CreateFolderParent(id=requested))
    with pytest.raises(BoxAPIError) as caught:
        client.folders.delete_folder_by_id(requested)
    answer = caught.value.response_info
    assert (answer.status_code, answer.code) == (400, "folder_not_empty")
    client.folders.delete_folder_by_id(requested, recursive=True, if_match="0")
    with pytest.raises(BoxAPIError) as caught:
        client.folders.get_folder_by_id(requested)
    assert caught.value.response_info.code == "trashed"
    quiet = client.with_suppressed_notifications().folders
    made = quiet.create_folder("quiet", CreateFolderParent(id="0"))
    quiet.delete_folder_by_id(made.id)


def _made_webhook(sdk: Sdk, client: BoxClient) -> str:
    mine = client.webhooks.get_webhooks().entries or []
    for hook in mine:
        client.webhooks.delete_webhook_by_id(str(hook.id))
    made = client.webhooks.create_webhook(
        CreateWebhookTarget(id=sdk.a_folder(client), type=CreateWebhookTargetTypeField.FOLDER),
        "https://runbook.example/webhooks/box/sandbox",
        [CreateWebhookTriggers.FILE_UPLOADED],
    )
    return str(made.id)


def _create_webhook(sdk: Sdk) -> None:
    client = sdk.user()
    requested = _made_webhook(sdk, client)
    client.webhooks.delete_webhook_by_id(requested)


def _webhooks(sdk: Sdk) -> None:
    client = sdk.user()
    requested = _made_webhook(sdk, client)
    assert [one.id for one in client.webhooks.get_webhooks().entries or []] == [requested]


def _webhook(sdk: Sdk) -> None:
    client = sdk.user()
    requested = _made_webhook(sdk, client)
    assert client.webhooks.get_webhook_by_id(requested).triggers == ["FILE.UPLOADED"]


def _change_webhook(sdk: Sdk) -> None:
    client = sdk.user()
    requested = _made_webhook(sdk, client)
    changed = client.webhooks.update_webhook_by_id(
        requested, triggers=[UpdateWebhookByIdTriggers.FILE_DOWNLOADED]
    )
    assert changed.triggers == ["FILE.DOWNLOADED"]


def _delete_webhook(sdk: Sdk) -> None:
    client = sdk.user()
    requested = _made_webhook(sdk, client)
    client.webhooks.delete_webhook_by_id(requested)
    assert not client.webhooks.get_webhooks().entries


DRIVEN: Mapping[str, Callable[[Sdk], None]] = {
    "POST /oauth2/token": _tokens,
    "POST /oauth2/revoke": _revoke,
    "GET /api/oauth2/authorize": _authorize,
    "GET /2.0/users/me": _me,
    "GET /2.0/users": _users,
    "GET /2.0/users/{user_id}": _user,
    "GET /2.0/users/{user_id}/memberships": _user_memberships,
    "GET /2.0/groups": _groups,
    "GET /2.0/groups/{group_id}": _group,
    "GET /2.0/groups/{group_id}/memberships": _group_memberships,
    "GET /2.0/group_memberships/{membership_id}": _membership,
    "GET /2.0/enterprises/{enterprise_id}/device_pinners": _device_pinners,
    "GET /2.0/enterprise_configurations/{enterprise_id}": _configuration,
    "GET /2.0/events": _events,
    "OPTIONS /2.0/events": _long_poll,
    "GET /subscribe": _subscribe,
    "POST /2.0/folders": _create_folder,
    "GET /2.0/folders/{folder_id}": _folder,
    "DELETE /2.0/folders/{folder_id}": _delete_folder,
    "GET /2.0/folders/{folder_id}/items": _folder_items,
    "GET /2.0/files/{file_id}": _file,
    "GET /2.0/recent_items": _recent,
    "GET /2.0/search": _search,
    "GET /2.0/webhooks": _webhooks,
    "POST /2.0/webhooks": _create_webhook,
    "GET /2.0/webhooks/{webhook_id}": _webhook,
    "PUT /2.0/webhooks/{webhook_id}": _change_webhook,
    "DELETE /2.0/webhooks/{webhook_id}": _delete_webhook,
}
NOT_OFFERED: Mapping[str, str] = {
    "POST /api/oauth2/authorize": "the click of a person in a browser",
}
