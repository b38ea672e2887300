"""The rules in force: every version of every pack, who wrote it, who approved it, from which day it binds.

    packs = rulebook.in_force(now)            # what to judge by at a moment; one set throughout an act
    packs = rulebook.of_verdict(verdict.packs)      # exactly those of a stored verdict, by their hashes

A version is drafted, submitted for a day, approved by a second person, and in force from the local midnight of the firm
at which that day begins, or from its approval where that came later; the next one of the same pack supersedes it. The
packs that come with Fairdue are the first.
"""

from fairdue.contact.rulebook.reading import Standing, UnknownPack, by_hashes, in_force, of_verdict, standing

__all__ = ["Standing", "UnknownPack", "by_hashes", "in_force", "of_verdict", "standing"]
