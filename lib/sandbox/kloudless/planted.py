"""What is connected before anyone asks: the accounts of the default world.

An organisation account over JWT, several people's, one disabled, one whose Box token is dead, and
some of other services that only lists know; and a second application, to have foreign tokens. A
visitor's application has the same, with ids and tokens of its own.
"""

from datetime import timedelta

from lib.sandbox.kloudless import scopes
from lib.sandbox.kloudless.model import Account, Application, Conventions, Road, Upstream
from lib.sandbox.kloudless.service import Kloudless
from lib.sandbox.state import State, owned
from lib.sandbox.world import Person

PEOPLE = 7
LOOPBACK_REDIRECTS = (
    "http://localhost:8501/connected",
    "http://127.0.0.1:8501/connected",
)
OTHER_SERVICES = ("dropbox", "gdrive", "google_calendar", "salesforce", "sharepoint")
_ADMIN_AFTER = timedelta(hours=9)
_STEP = timedelta(hours=7)


def plant(state: State, conventions: Conventions) -> Kloudless:
    """A Kloudless with its default accounts."""
    service = Kloudless(state, conventions)
    service.main_app = plant_app(service).app_id
    other = service.add_app(
        "other",
        redirect_uris=("https://other.example/cb",),
        implicit_grant_enabled=False,
        jwt_keys=False,
    )
    service.other_app = other.app_id
    _person(service, other, state.world.managed_example, 0)
    return service


def plant_app(service: Kloudless, visitor: str = "") -> Application:
    """The application with its accounts, or a visitor's copy of it."""
    app = service.add_app(
        owned("runbook", visitor),
        redirect_uris=LOOPBACK_REDIRECTS,
        trusted_domains=("http://localhost", "http://127.0.0.1"),
        visitor=visitor,
    )
    app.name = "Box Runbook"
    _organisation(service, app)
    _people(service, app)
    _others(service, app)
    for account in service.accounts_of(app.app_id):
        for subscription in service.subscriptions_of(account):
            subscription.born = 0.0  # whatever is on, it was there before
    return app


def _organisation(service: Kloudless, app: Application) -> None:
    world = service.state.world
    robot = world.service_account
    account = service.add_account(
        app,
        name=robot.login,
        service="box",
        admin=True,
        upstream=Upstream(Road.JWT_ENTERPRISE, robot.id, world.enterprise.id),
        scope=scopes.effective("box", admin=True),
        at=robot.created_at + _ADMIN_AFTER,
        account_id=service.free_id(owned("planted admin", app.visitor)),
    )
    app.accounts["admin"] = account.id
    _open(service, account, "admin")


def _people(service: Kloudless, app: Application) -> None:
    world = service.state.world
    managed = [p for p in world.people(kinds={"managed"}) if p.status == "active"]
    ranked = sorted(managed, key=lambda p: (p.id != world.managed_example.id, p.dormant, -p.weight))
    chosen = [world.coadmin, *ranked[: PEOPLE + 1]]
    accounts = [_person(service, app, p, place) for place, p in enumerate(chosen, start=1)]
    disabled, dead = accounts[-2], accounts[-1]
    disabled.enabled = False
    dead.upstream.road = Road.NONE
    app.accounts |= {"disabled": disabled.id, "dead": dead.id}


def _person(service: Kloudless, app: Application, person: Person, place: int) -> Account:
    begun = max(service.state.world.service_account.created_at, person.created_at)
    account = service.add_account(
        app,
        name=person.login,
        service="box",
        admin=False,
        upstream=Upstream(Road.JWT_USER, person.id, person.enterprise_id),
        scope=scopes.effective("box", admin=False),
        at=begun + _ADMIN_AFTER + place * _STEP,
        account_id=service.free_id(owned(f"planted {app.name} {person.id}", app.visitor)),
    )
    _open(service, account, f"{app.name} {person.id}")
    return account


def _open(service: Kloudless, account: Account, name: str) -> None:
    """Gives an account its first token."""
    token = service.planted_token(owned(name, account.visitor))
    service.add_bearer(account, account.effective_scope, token)


def _others(service: Kloudless, app: Application) -> None:
    world = service.state.world
    login = world.managed_example.login
    for place, name in enumerate(OTHER_SERVICES, start=1):
        account = service.add_account(
            app,
            name=login,
            service=name,
            admin=False,
            upstream=Upstream(Road.NONE, f"{name}-{place}"),
            scope=scopes.effective(name, admin=False),
            at=world.service_account.created_at + _ADMIN_AFTER + (place + 20) * _STEP,
            account_id=service.free_id(owned(f"planted {name}", app.visitor)),
        )
        _open(service, account, name)
