"""nginx and php-fpm of the demo. nginx listens on one port of 127.0.0.1 and ::1, which are both localhost."""
import errno
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request

import programs
from children import DemoError

# Only the start page, and PHP, CSS and JavaScript files in the root folder are served.
NGINX = """# nginx of one demo, in the foreground.
{user}
daemon off;
worker_processes 1;
pid "{folder}/nginx.pid";
error_log stderr warn;
events {{}}
http {{
    server_tokens off;
    types {{
        text/css css;
        text/javascript js;
    }}
    charset utf-8;
    charset_types text/css text/javascript;
    # The log shows which requests pull. It shows nothing else of the query, which can hold an MRN.
    map $arg_pull $pulls {{
        1 pull;
        default -;
    }}
    log_format pages '$request_method $uri $upstream_response_time $pulls';
    access_log "{folder}/access.log" pages;
    client_body_temp_path "{folder}/body";
    fastcgi_temp_path "{folder}/fastcgi";
    proxy_temp_path "{folder}/proxy";
    uwsgi_temp_path "{folder}/uwsgi";
    scgi_temp_path "{folder}/scgi";
    server {{
        {listen}
        server_name localhost;
        root "{root}";
        client_max_body_size 8m;
        location = / {{ rewrite ^ /index.php last; }}
        location ~ ^/[A-Za-z0-9_-]+\\.(css|js)$ {{ try_files $uri =404; }}
        # The launch URL can name an organization: /ehr.php/ORGANIZATION.
        location ~ ^(?<page>/[A-Za-z0-9_-]+\\.php)(?<organization>(?<=/ehr\\.php)/[^/]+)?$ {{
            try_files $page =404;
            fastcgi_pass "unix:{folder}/php.sock";
            # A pull can take two minutes.
            fastcgi_read_timeout 150s;
            fastcgi_param SCRIPT_FILENAME $document_root$page;
            fastcgi_param SCRIPT_NAME $page;
            fastcgi_param PATH_INFO $organization if_not_empty;
            fastcgi_param APP_SETTINGS "{settings}";
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param REMOTE_ADDR $remote_addr;
            fastcgi_param SERVER_PROTOCOL $server_protocol;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param HTTPS $https if_not_empty;
            fastcgi_param HTTP_PROXY "";
        }}
        location / {{ return 404; }}
    }}
}}
"""
FPM = """; php-fpm of one demo
[global]
daemonize = no
error_log = /proc/self/fd/2
[app]
{user}
listen = {folder}/php.sock
listen.mode = 0600
pm = static
pm.max_children = 4
php_admin_value[error_log] = {folder}/php.log
php_admin_flag[log_errors] = on
php_admin_flag[display_errors] = off
php_admin_value[max_input_vars] = 20000
"""


class Web:
    """One web root at http://localhost:PORT."""

    def __init__(self, folder, start_child):
        # The sockets are opened here and passed to nginx, so that the port is known and free.
        self.folder, self.start_child = folder, start_child
        self.sockets = open_sockets()
        self.port = self.sockets[0].getsockname()[1]
        self.address = f"http://localhost:{self.port}"
        self.access_log, self.error_log = self.path("access.log"), self.path("php.log")

    def path(self, name):
        """A file of this run."""
        return os.path.join(self.folder, name)

    def write(self, name, text):
        """Writes a file of this run and returns its path."""
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def start(self, root, settings, extension, php):
        """Starts php-fpm with the extension, then nginx, and waits until both answer."""
        self.start_fpm(extension, php)
        self.start_nginx(root, settings)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            opener.open(self.address + "/nothing-here", timeout=60).close()
        except urllib.error.HTTPError as answer:
            answer.close()
        except OSError as problem:
            raise DemoError(f"nginx does not answer: {problem}") from problem

    def start_fpm(self, extension, php):
        """Starts php-fpm, in the foreground."""
        root = os.geteuid() == 0
        conf = self.write("php-fpm.conf", FPM.format(folder=self.folder, user="user = root" if root else ""))
        words = [programs.find_fpm(php), "--nodaemonize", "--force-stderr", "-y", conf, "-d", "extension=" + extension]
        words += ["--allow-to-run-as-root"] if root else []
        child = self.start_child(words, stop_signal=signal.SIGTERM, errors=subprocess.STDOUT)
        child.wait_for("ready to handle connections")

    def start_nginx(self, root, settings):
        """Starts nginx, in the foreground, with the open sockets."""
        hosts = ["[::1]" if one.family == socket.AF_INET6 else "127.0.0.1" for one in self.sockets]
        listen = [f"listen {host}:{self.port};" for host in hosts]
        conf = self.write("nginx.conf", NGINX.format(
            folder=self.folder, user="user root;" if os.geteuid() == 0 else "", listen="\n        ".join(listen),
            root=root, settings=settings))
        numbers = [one.fileno() for one in self.sockets]
        self.start_child([programs.find("nginx"), "-p", self.folder, "-e", "stderr", "-c", conf],
                         stop_signal=signal.SIGTERM, errors=subprocess.STDOUT, pass_fds=numbers,
                         env={**os.environ, "NGINX": "".join(f"{number};" for number in numbers)})
        for one in self.sockets:
            one.close()

    def seconds(self, method, page, mark):
        """How many seconds each request with this method, page and mark used its PHP worker."""
        with open(self.access_log, encoding="utf-8") as file:
            lines = [line.split() for line in file]
        lines = [line for line in lines if len(line) == 4 and line[2] != "-"]
        return [float(line[2]) for line in lines if (line[0], line[1], line[3]) == (method, page, mark)]

    def errors(self):
        """The last lines of PHP's error log."""
        try:
            with open(self.error_log, encoding="utf-8", errors="replace") as file:
                return file.read().splitlines()[-5:]
        except OSError:
            return []


def open_sockets():
    """Listening sockets with one free port: for 127.0.0.1, and with IPv6 also for ::1, which browsers try first."""
    for _ in range(20):
        first = socket.create_server(("127.0.0.1", 0))
        try:
            second = socket.create_server(("::1", first.getsockname()[1]), family=socket.AF_INET6)
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                first.close()
                continue
            second = None
        sockets = [first, second] if second else [first]
        for one in sockets:
            one.setblocking(False)
        return sockets
    raise DemoError("No port is free on both 127.0.0.1 and ::1.")
