"""Personal data as columns: sealed for keeping, hashed for finding, masked for showing."""

import polars as pl

from fairdue.people import sealing, zones


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
