"""The host applications of the demo: examples/php behind nginx and php-fpm, and examples/ehr_launch."""
import json
import os
import shutil
import socket
import subprocess

from children import Failed, Process

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
MAPPING = os.path.join(HERE, "mapping.csv")
PHP_EXAMPLE = os.path.join(ROOT, "examples", "php")
USER, PASSWORD = "study", "study"

NGINX = """# nginx of one demo, in the foreground.
{user}
daemon off;
worker_processes 1;
pid "{folder}/nginx.pid";
error_log stderr warn;
events {{}}
http {{
    log_format pages '$request_method $uri $upstream_response_time';
    access_log "{folder}/access.log" pages;
    client_body_temp_path "{folder}/body";
    fastcgi_temp_path "{folder}/fastcgi";
    proxy_temp_path "{folder}/proxy";
    uwsgi_temp_path "{folder}/uwsgi";
    scgi_temp_path "{folder}/scgi";
    {servers}
}}
"""
SERVER = """server {{
        listen 127.0.0.1:{port};
        root "{root}";
        location ~ ^/(ehr|record)\\.php$ {{
            fastcgi_pass "unix:{folder}/php.sock";
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_param STUDY_SETTINGS "{settings}";
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param HTTPS $https if_not_empty;
        }}
        location / {{ return 404; }}
    }}"""
FPM = """; php-fpm of one demo
[global]
daemonize = no
error_log = /proc/self/fd/2
[study]
{user}
listen = {folder}/php.sock
listen.mode = 0600
pm = static
pm.max_children = 2
php_admin_value[session.save_path] = {folder}/sessions
php_admin_value[error_log] = {folder}/php.log
php_admin_flag[log_errors] = on
php_admin_flag[display_errors] = off
php_admin_value[max_input_vars] = 20000
"""


class PhpHost:
    """Plain PHP, as a web server has it; records are in the application's database."""

    name = "examples/php, in php-fpm behind nginx"
    # The third is driven by php-cli alone.
    studies = {"default": "exact", "php14": "php14", "cli": "exact"}

    def __init__(self, arguments, folder, process):
        self.arguments, self.folder, self.process = arguments, folder, process
        self.root = os.geteuid() == 0
        self.nginx = find("nginx")
        self.php = find("php")
        self.fpm = find(*fpm_names(self.php))

    def path(self, *parts):
        """A file of this run."""
        return os.path.join(self.folder, *parts)

    def start(self, visits):
        """Installs the application, starts its servers; the two addresses that an EHR may launch."""
        # The sockets are made here and handed to nginx: no port is guessed, and browsers may come at once.
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        for one in sockets:
            one.setblocking(False)
        urls = [f"http://127.0.0.1:{one.getsockname()[1]}/ehr.php" for one in sockets]
        for study, address in zip(self.studies, [*urls, urls[0]]):
            self.settle(study, address)
        with open(self.path("visits.json"), "w", encoding="utf-8") as file:
            json.dump(visits, file)
        self.command("default", "install", self.path("visits.json"))
        self.command("default", "member", USER, given=PASSWORD + "\n")
        self.start_fpm()
        servers = [SERVER.format(port=one.getsockname()[1], root=PHP_EXAMPLE, folder=self.folder,
                                 settings=self.path(study + ".json")) for one, study in zip(sockets, self.studies)]
        self.write("nginx.conf", NGINX.format(folder=self.folder, user="user root;" if self.root else "",
                                              servers="\n    ".join(servers)))
        numbers = [one.fileno() for one in sockets]
        self.process([self.nginx, "-p", self.folder, "-e", "stderr", "-c", self.path("nginx.conf")], ask=True,
                     pass_fds=numbers, env={**os.environ, "NGINX": "".join(f"{number};" for number in numbers)},
                     errors=subprocess.STDOUT)
        for one in sockets:
            one.close()
        return urls

    def settle(self, study, address):
        """The settings of one study; all use one database and one file of tokens."""
        settings = {"address": address, "config": self.path("config.json"), "mapping": MAPPING,
                    "database": self.path("study.sqlite"), "tokens": self.path("tokens.sqlite"),
                    "project": "demo-" + study, "text": self.studies[study],
                    "offset_days": self.arguments.offset_days}
        self.write(study + ".json", json.dumps(settings))

    def start_fpm(self):
        """php-fpm with the extension, in the foreground."""
        os.mkdir(self.path("sessions"), 0o700)
        self.write("php-fpm.conf", FPM.format(folder=self.folder, user="user = root" if self.root else ""))
        words = [self.fpm, "--nodaemonize", "--force-stderr", "-y", self.path("php-fpm.conf"),
                 "-d", "extension=" + self.arguments.extension] + (["--allow-to-run-as-root"] if self.root else [])
        self.process(words, ask=True, errors=subprocess.STDOUT).wait_for("ready to handle connections")

    def write(self, name, text):
        """A file of this run with this text."""
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def command(self, study, *words, given=""):
        """What examples/php/cli.php prints."""
        run = subprocess.run([self.php, "-d", "extension=" + self.arguments.extension,
                              os.path.join(PHP_EXAMPLE, "cli.php"), *words], input=given, capture_output=True, text=True,
                             encoding="utf-8", check=False, env={**os.environ, "STUDY_SETTINGS": self.path(study + ".json")})
        if run.returncode:
            raise Failed(f"cli.php {words[0]}: {(run.stderr or run.stdout).strip()}")
        return run.stdout

    def unattended(self, visit):
        """Pull, decisions and saving by php-cli; what it says about it."""
        return json.loads(self.command("cli", "pull", USER, "sim", visit["record"]))

    def saved(self, study, record):
        """The file of a saved record, None when nothing was saved: php-cli reads it from the application's database."""
        text = self.command(study, "show", record)
        self.write(f"saved-{study}-{record}.json", text)
        return self.path(f"saved-{study}-{record}.json") if json.loads(text) else None

    def pull_seconds(self):
        """How long each pull within a launch has kept its PHP worker, by nginx's log."""
        with open(self.path("access.log"), encoding="utf-8") as file:
            lines = [line.split() for line in file]
        return [float(seconds) for method, page, seconds in lines if (method, page) == ("GET", "/record.php")]

    def log(self):
        """The last that PHP had to say about errors."""
        try:
            with open(self.path("php.log"), encoding="utf-8", errors="replace") as file:
                return file.read().splitlines()[-5:]
        except OSError:
            return []


class RustHost:
    """The same application in Rust; records are JSON files."""

    name = "examples/ehr_launch, in Rust"

    def __init__(self, arguments, folder, process):
        self.arguments, self.folder, self.process = arguments, folder, process

    def path(self, *parts):
        """A file of this run."""
        return os.path.join(self.folder, *parts)

    def start(self, visits):
        """Two applications (exact text, php14 text); the addresses that an EHR may launch."""
        with open(self.path("visits.json"), "w", encoding="utf-8") as file:
            json.dump(visits, file)
        return [self.application("default"), self.application("php14")]

    def application(self, text):
        """Starts a host application; its address."""
        os.mkdir(self.path(text))
        program = os.path.join(self.arguments.programs, "examples", "ehr_launch")
        return self.process([program, "--config", self.path("config.json"), "--mapping", MAPPING,
                             "--patient-file", self.path("visits.json"), "--record-folder", self.path(text),
                             "--project", "demo-" + text, "--text", text, "--stop-with-stdin",
                             "--offset-days", str(self.arguments.offset_days)]).wait_for("application:")

    def unattended(self, _visit):
        """The Rust example has no such command."""

    def saved(self, study, record):
        """The file of a saved record, None when nothing was saved."""
        file = self.path(study, record + ".json")
        return file if os.path.exists(file) else None

    def pull_seconds(self):
        """Not measured."""
        return []

    def log(self):
        """It writes to stderr."""
        return []


def find(*names):
    """The first of these programs that is there; Debian has servers in sbin, which a user's PATH may lack."""
    folders = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])
    for name in names:
        found = shutil.which(name, path=folders)
        if found:
            return found
    raise Failed(f"{names[0]} is not installed; scripts/setup demo says what to install")


def fpm_names(php):
    """What php-fpm of the same version may be called."""
    version = subprocess.run([php, "-n", "-r", "echo PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION;"],
                             capture_output=True, text=True, check=True).stdout
    return f"php-fpm{version}", f"php-fpm{version.replace('.', '')}", "php-fpm"
