"""The simulated EHR of the demo."""
import json
import os

from expected import times


def start(arguments, start_child, config, apps):
    """Starts ehr-sim for applications [(name, URL)]. Returns its FHIR base URL and the URL of its list of patients.

    It writes the configuration document for fhir_ehr to the file config.
    """
    words = [os.path.join(arguments.programs, "ehr-sim"), "--listen", "127.0.0.1:0", "--stop-with-stdin",
             "--fhir", arguments.fhir, "--personality", arguments.personality, "--write-config", config]
    for name, url in apps:
        words += ["--app-name", name, "--app-launch-url", url, "--redirect-uri", url]
    if arguments.access_token_lifetime:
        words += ["--access-token-lifetime", str(arguments.access_token_lifetime)]
    for tenant in arguments.tenant:
        words += ["--tenant", tenant]
    # The simulator's default user remains the first.
    for login in ["portal:portal", *arguments.login] if arguments.login else []:
        words += ["--login", login]
    child = start_child(words + (["--data", *arguments.data] if arguments.data else []))
    iss, page = child.wait_for("iss="), child.wait_for("page=")
    set_time_zone(config, arguments.time_zone)
    return iss, page


def set_time_zone(config, time_zone):
    """Writes the time zone of the hospital into the configuration."""
    with open(config, encoding="utf-8") as file:
        document = json.load(file)
    for source in document["sources"] if time_zone else []:
        source["time_zone"] = time_zone
    with open(config, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)


def add_options(parser, programs):
    """The options of the simulated EHR."""
    parser.add_argument("--data", nargs="*", default=[], metavar="DIR",
                        help="FHIR files; default: the patients in the simulator")
    parser.add_argument("--fhir", choices=["r4", "dstu2"], default="r4")
    parser.add_argument("--personality", choices=["smart", "oracle", "epic"], default="oracle")
    parser.add_argument("--time-zone", default=times.SITE, metavar="NAME",
                        help="time zone of the hospital; empty: times are not converted")
    parser.add_argument("--access-token-lifetime", type=int, metavar="SECONDS")
    parser.add_argument("--login", action="append", default=[], metavar="USER:PASSWORD",
                        help="another user of the EHR (can be repeated)")
    parser.add_argument("--tenant", action="append", default=[], metavar="ID",
                        help="one more hospital, with the same patients and its own organization (can be repeated)")
    parser.add_argument("--programs", default=programs, metavar="DIR", help="the folder of ehr-sim")
