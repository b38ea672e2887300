"""Personal data as columns: sealed for keeping, hashed for finding, masked for showing."""

from typing import Final

import polars as pl

from fairdue.law.codes import Relation
from fairdue.people import sealing, zones

CONTACTS: Final = (1, 2, 3)


def hashed(kind: str, values: pl.Series) -> pl.Series:
    """Keyed hashes (people/sealing.py) of a text column; null stays null."""
    return pl.Series(values.name, sealing.search_hashes(kind, values.to_list()), dtype=pl.Binary)


def sealed(values: pl.Series) -> pl.Series:
    """Ciphertexts of a text column; null stays null."""
    return pl.Series(values.name, sealing.seal_many(values.to_list()), dtype=pl.Binary)


def masked_phone(phone: pl.Expr) -> pl.Expr:
    """+86138****8000; short numbers keep only the last two digits."""
    return (
        pl.when(phone.str.len_chars() >= 12)
        .then(phone.str.slice(0, 6) + "****" + phone.str.slice(-4))
        .otherwise(phone.str.slice(0, 3) + "****" + phone.str.slice(-2))
    )


def masked_email(email: pl.Expr) -> pl.Expr:
    """w***@example.com."""
    return email.str.slice(0, 1) + "***@" + email.str.extract(r"@([^@]*)$", 1).str.slice(0, 100).fill_null("")


def masked_address(address: pl.Expr) -> pl.Expr:
    """The first six characters: in Chinese the province and the city, in English the house number."""
    return address.str.slice(0, 6) + "****"


def masked_id(number: pl.Expr) -> pl.Expr:
    """First three and last four characters; of short numbers the last two."""
    return (
        pl.when(number.str.len_chars() >= 12)
        .then(number.str.slice(0, 3) + "***********" + number.str.slice(-4))
        .otherwise("****" + number.str.slice(-2))
    )


def country_of_phone(phone: pl.Expr, *, country: str | None) -> pl.Expr:
    """ISO 3166 alpha-2 as far as the country code tells; "" otherwise. +1 is shared: `country` decides if it is one of it."""
    shared = country if country in {"US", "CA", "PR"} else ""
    return (
        pl.when(phone.str.starts_with("+86"))
        .then(pl.lit("CN"))
        .when(phone.str.starts_with("+852"))
        .then(pl.lit("HK"))
        .when(phone.str.starts_with("+853"))
        .then(pl.lit("MO"))
        .when(phone.str.starts_with("+886"))
        .then(pl.lit("TW"))
        .when(phone.str.starts_with("+1"))
        .then(pl.lit(shared))
        .otherwise(pl.lit(""))
    )


def line_of_phone(phone: pl.Expr) -> pl.Expr:
    """mobile or landline where the number itself tells (mainland China), else ""."""
    return (
        pl.when(phone.str.contains(r"^\+861[3-9]\d{9}$"))
        .then(pl.lit("mobile"))
        .when(phone.str.starts_with("+86"))
        .then(pl.lit("landline"))
        .otherwise(pl.lit(""))
    )


def zones_of_place(region: pl.Series, *, country: str | None) -> pl.Series:
    """Comma lists of the zones of each region; every zone of `country` where the region is unknown."""
    everywhere = ",".join(zones.country_zones(country)) if country else ""
    known = {
        code: ",".join(zones.region_zones(code) or zones.country_zones(code[:2])) or everywhere
        for code in region.drop_nulls().unique().to_list()
    }
    if not known:
        return pl.Series(region.name, [everywhere], dtype=pl.String).new_from_index(0, len(region))
    return region.replace_strict(known, default=everywhere, return_dtype=pl.String).fill_null(everywhere)


def income_currency() -> pl.Expr:
    """The currency of the income, "" where there is none."""
    return pl.when(pl.col("income_month").is_not_null()).then("currency").otherwise(pl.lit(""))


def points(good: pl.DataFrame, *, country: str | None) -> pl.DataFrame:
    """Every way to reach somebody: row, who (0 the debtor, 1 to 3 a contact), and the columns of a contact point."""
    good = good.with_columns(place=zones_of_place(good["region"], country=country))
    phones = [(0, "phone", "phone_zones", 1), (0, "phone2", "phone2_zones", 2)]
    phones += [(n, f"contact{n}_phone", f"contact{n}_zones", 1) for n in CONTACTS]
    wanted = [("phone", *phone) for phone in phones]
    wanted += [("email", 0, "email", "place", 1), ("address", 0, "address", "place", 1)]
    parts = [
        good.filter(pl.col(column).is_not_null()).select(
            "row", pl.lit(who, dtype=pl.Int8).alias("who"), pl.lit(kind).alias("kind"), text=column,
            zones=pl.col(where).fill_null(""), rank=pl.lit(rank, dtype=pl.Int8),
        )
        for kind, who, column, where, rank in wanted
    ]  # fmt: skip
    parts = [
        part.with_columns(hashed(kind, part["text"]).alias("hash"))
        for (kind, *_), part in zip(wanted, parts, strict=True)
    ]
    frame = pl.concat(parts)
    text, of_phone, of_email = pl.col("text"), pl.col("kind") == "phone", pl.col("kind") == "email"
    masked = (
        pl.when(of_phone)
        .then(masked_phone(text))
        .when(of_email)
        .then(masked_email(text))
        .otherwise(masked_address(text))
    )
    return frame.with_columns(
        sealed=sealed(frame["text"]),
        masked=masked,
        country=pl.when(of_phone).then(country_of_phone(text, country=country)).otherwise(pl.lit(country or "")),
        line=pl.when(of_phone).then(line_of_phone(text)).otherwise(pl.lit("")),
    ).drop("text")


def contacts(good: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """People named as contacts: row, who, name, relation, and `key`, the hash of their phone or else of their name."""
    codes = {member.name.lower(): int(member) for member in Relation}
    frame = pl.concat(
        good.filter(pl.col(f"contact{n}_name").is_not_null() | pl.col(f"contact{n}_phone").is_not_null()).select(
            "row",
            pl.lit(n, dtype=pl.Int8).alias("who"),
            name=pl.col(f"contact{n}_name"),
            relation=pl.col(f"contact{n}_relation")
            .replace_strict(codes, default=None, return_dtype=pl.Int16)
            .fill_null(int(Relation.UNKNOWN)),
        )
        for n in CONTACTS
    )
    phone = points.filter(pl.col("who") > 0).select("row", "who", phone="hash")
    frame = frame.join(phone, on=["row", "who"], how="left", maintain_order="left")
    unreached = frame["name"].zip_with(frame["phone"].is_null(), frame["name"].clear(len(frame)))
    return frame.select("row", "who", "name", "relation", key=pl.coalesce("phone", hashed("contact", unreached)))
