"""The world of the sandbox: an enterprise, its people and files, and months of their activity.

A pure function of seed, number of users, events per day and calendar date. Nothing here depends on
when the sandbox was started or how far back it looks, and no event is kept: days are made when
they are asked for. The shapes follow developer.box.com (events, users, groups, files).
"""

from lib.sandbox.world.made import Full, MadeFolder, NameTaken
from lib.sandbox.world.model import (
    Clock,
    Enterprise,
    Event,
    File,
    Folder,
    Group,
    Item,
    Membership,
    Person,
    RecentItem,
    SharedLink,
    StreamPage,
    WorldSpec,
)
from lib.sandbox.world.world import World

__all__ = [
    "Clock",
    "Enterprise",
    "Event",
    "File",
    "Folder",
    "Full",
    "Group",
    "Item",
    "MadeFolder",
    "Membership",
    "NameTaken",
    "Person",
    "RecentItem",
    "SharedLink",
    "StreamPage",
    "World",
    "WorldSpec",
]
