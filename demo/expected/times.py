"""FHIR times as periods of local time: converted to the time zone of a site, or as written."""
import calendar
import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

# The time zone of the hospital in the simulator.
SITE = "America/Chicago"

SHAPE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?",
                   re.ASCII)
LAST = timedelta(microseconds=1)


class Time:
    """A time text with its first and last moment, and whether it has a day and a time of day."""

    def __init__(self, text, start, end, has_day, has_clock):
        self.text, self.start, self.end, self.has_day, self.has_clock = text, start, end, has_day, has_clock
        # Times are ordered by this. Local time is not enough, because one hour of a year occurs twice.
        self.order = start


class Site:
    """The site to whose time zone times are converted. Without a zone they are not converted."""

    zone = None

    @classmethod
    def set_zone(cls, name):
        """Sets the time zone. An empty name means none."""
        cls.zone = ZoneInfo(name) if name else None


def at_site(time):
    """The time in the time zone of the site."""
    if time is None or Site.zone is None:
        return time
    written = offset_of(time)
    here = time.start.replace(tzinfo=Site.zone)
    if written not in (None, "none"):
        shift_by = timedelta(hours=int(written[:3]), minutes=int(written[0] + written[4:]))
        here = (time.start - shift_by).replace(tzinfo=timezone.utc).astimezone(Site.zone)
        end = (time.end - shift_by).replace(tzinfo=timezone.utc).astimezone(Site.zone).replace(tzinfo=None)
        time = Time(time.text, here.replace(tzinfo=None, fold=0), end, time.has_day, time.has_clock)
    time.order = here.astimezone(timezone.utc).replace(tzinfo=None)
    return time


def parse(text):
    """The Time of a date, partial date, date-time or instant. None if the text is not valid."""
    match = SHAPE.fullmatch(text.strip())
    if not match:
        return None
    year, month, day, hour, minute, second, fraction = match.groups()
    if int(second or 0) > 60:
        return None
    try:
        start = datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
                         min(int(second or 0), 59), int((fraction or "0")[:6].ljust(6, "0")))
    except ValueError:
        return None
    return Time(text.strip(), start, end_of(start, month, day, hour, second), bool(day), bool(hour))


def end_of(start, month, day, hour, second):
    """The last moment of a time with this precision."""
    if second:
        return start
    if hour:
        return start + timedelta(minutes=1) - LAST
    if day:
        return start.replace(hour=23, minute=59, second=59, microsecond=999999)
    last = start.replace(month=int(month or 12))
    last = last.replace(day=calendar.monthrange(last.year, last.month)[1])
    return last.replace(hour=23, minute=59, second=59, microsecond=999999)


def wall_clock(text):
    """The local time as a text for sorting, without its offset."""
    time = at_site(parse(text))
    if Site.zone is not None and time is not None and time.has_clock:
        return time.start.isoformat()
    return re.sub(r"(?<=\d)(?:Z|[+-]\d\d:\d\d)$", "", text.strip()) if ":" in text else text.strip()


def offset_of(time):
    """The offset as written. "+00:00" for Z, "none" for a time of day without an offset, None for a date."""
    if time is None or not time.has_clock:
        return None
    match = re.search(r"(Z|[+-]\d\d:\d\d)$", time.text)
    return {"Z": "+00:00", "-00:00": "+00:00"}.get(match[1], match[1]) if match else "none"


def in_past(text):
    """Whether a time has ended."""
    time = parse(text)
    return time is not None and time.end < datetime.now(timezone.utc).replace(tzinfo=None)


def in_future(text):
    """Whether a time has not begun."""
    time = parse(text)
    return time is not None and time.start > datetime.now(timezone.utc).replace(tzinfo=None)


def anchor_of(text):
    """The Time of a visit date, which must have a day."""
    time = parse(text)
    if time is None or not time.has_day:
        raise ValueError(f"The visit date must be YYYY-MM-DD, optionally with a time: {text!r}")
    return time


def window(anchor, days, sign):
    """The first and the last moment of the window around the visit date. Both are included."""
    low, high = anchor.start, anchor.start if anchor.has_clock else anchor.end
    return shift(low, -days if "-" in sign else 0), shift(high, days if "+" in sign else 0)


def shift(moment, days):
    """The same time of day some days later, within the range of datetime."""
    try:
        return moment + timedelta(days=days)
    except OverflowError:
        return datetime.max if days > 0 else datetime.min


def overlaps(time, bounds):
    """Whether a time and the window overlap."""
    return time.start <= bounds[1] and time.end >= bounds[0]


def distance(time, anchor):
    """The distance of a time from the visit date. A visit date without a time of day counts as noon."""
    point = anchor.start if anchor.has_clock else anchor.start.replace(hour=12)
    return abs(time.start - point)
