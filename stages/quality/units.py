"""Units behind numbers, as they are written in English and German, and what they are called here."""

import re
from functools import lru_cache

UNITS = {
    "%": "percent", "percent": "percent", "k": "thousand", "thousand": "thousand", "m": "million",
    "million": "million", "millions": "million", "b": "billion", "bn": "billion", "billion": "billion",
    "billions": "billion", "t": "trillion", "trillion": "trillion", "trillions": "trillion", "hundred": "hundred",
    "kilobyte": "kb", "kilobytes": "kb", "megabyte": "mb", "megabytes": "mb", "gigabyte": "gb", "gigabytes": "gb",
    "terabyte": "tb", "terabytes": "tb", "gibibytes": "gib", "mebibytes": "mib", "prozent": "percent",
    "minuten": "minute", "stunden": "hour", "sekunden": "second", "tage": "day", "tagen": "day", "millionen": "million",
    "watt": "w", "watts": "w", "volt": "v", "volts": "v", "amps": "a", "kilometres": "km",
    "kilometers": "km", "metres": "metre",
    "meters": "metre", "fold": "x", "times": "x", "kilograms": "kg", "grams": "g", "millimetres": "mm",
    "millimeters": "mm", "milliseconds": "millisecond", "hertz": "hz", "megahertz": "mhz", "gigahertz": "ghz",
    "kb": "kb", "kib": "kib", "mb": "mb", "mib": "mib", "gb": "gb", "gib": "gib", "tb": "tb", "tib": "tib",
    "s": "second", "sec": "second", "second": "second", "seconds": "second", "ms": "millisecond", "min": "minute",
    "minute": "minute", "minutes": "minute", "h": "hour", "hour": "hour", "hours": "hour", "day": "day", "days": "day",
    "week": "week", "weeks": "week", "month": "month", "months": "month", "year": "year", "years": "year",
    "bit": "bit", "bits": "bit", "byte": "byte", "bytes": "byte", "hz": "hz", "ghz": "ghz", "mhz": "mhz",
    "usd": "usd", "dollars": "usd", "$": "usd", "eur": "eur", "euros": "eur", "€": "eur", "£": "gbp",
}  # fmt: skip

# Behind a number and a blank, as they are written: here "m" is a metre, in "7m" a million.
SYMBOLS = {
    "W": "w", "kW": "kw", "kWh": "kwh", "Wh": "wh", "V": "v", "mV": "mv", "A": "a", "mA": "ma", "mAh": "mah",
    "Ah": "ah", "g": "g", "kg": "kg", "mg": "mg", "m": "metre", "km": "km", "cm": "cm", "mm": "mm", "l": "litre",
    "L": "litre", "ml": "ml", "mL": "ml", "N": "n", "Pa": "pa", "hPa": "hpa", "kPa": "kpa", "bar": "bar", "dB": "db",
    "rpm": "rpm",
    "px": "px", "dpi": "dpi", "lb": "lb", "lbs": "lb", "oz": "oz", "ft": "ft", "mi": "mile", "miles": "mile", "x": "x",
    "litres": "litre", "liters": "litre", "centimetres": "cm", "centimeters": "cm", "kilowatts": "kw", "mph": "mph",
    "µs": "microsecond", "us": "microsecond", "ns": "nanosecond", "fps": "fps", "tokens": "token", "token": "token",
    "s": "second", "h": "hour",
}  # fmt: skip


@lru_cache(maxsize=16384)
def unit_of(word: str) -> str:
    """Return what a unit is called here, "" for a word that is none; a single letter is one only as a symbol."""
    return SYMBOLS.get(word) or (UNITS.get(word.casefold(), "") if len(word) > 1 or word == "%" else "")


_SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}


def in_full(value: str, unit: str) -> set[tuple[str, str]]:
    """Return `5 million` as 5000000, where it is a whole number."""
    if unit not in _SCALES or not re.fullmatch(r"\d+(?:\.\d+)?", value):
        return set()
    whole, _, part = value.partition(".")
    digits = _SCALES[unit] - len(part)
    return {(f"{whole}{part}{'0' * digits}".lstrip("0"), "")} if digits >= 0 else set()
