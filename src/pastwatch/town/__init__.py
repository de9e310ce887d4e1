"""A synthetic town: ordinary talk of months, one event, and the truth kept elsewhere."""

from pastwatch.town.build import build
from pastwatch.town.plan import Question, TownPlan, TownSource

__all__ = ["Question", "TownPlan", "TownSource", "build"]
