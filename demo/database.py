"""The application's database: a private MariaDB on a socket in the run's folder where there is one, else SQLite."""
import os
import pwd
import signal
import subprocess

import programs
from children import Failed

# The application's own user has no password: only who may enter the folder reaches the socket.
FIRST = """CREATE DATABASE app CHARACTER SET utf8mb4;
CREATE USER app@localhost IDENTIFIED BY '';
GRANT ALL ON app.* TO app@localhost;
"""
# Small, so that it starts in a moment; what it has said to be saved is on the disk, as in production.
SMALL = ("--no-defaults", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M", "--key-buffer-size=1M",
         "--aria-pagecache-buffer-size=8M", "--skip-log-bin")


def start(wanted, php, folder, start_child):
    """(its kind, why not MariaDB, the settings for records, those for tokens); wanted is auto, mariadb or sqlite."""
    lacking = lack(php) if wanted != "sqlite" else "as asked for"
    if lacking and wanted == "mariadb":
        raise Failed(f"MariaDB cannot be used: {lacking}")
    if lacking:
        files = [{"dsn": f"sqlite:{os.path.join(folder, name)}.sqlite"} for name in ("app", "tokens")]
        return "sqlite", lacking, files[0], files[1]
    mariadb(os.path.join(folder, "database"), start_child)
    socket = os.path.join(folder, "database", "socket")
    settings = {"dsn": f"mysql:unix_socket={socket};dbname=app;charset=utf8mb4", "user": "app", "password": ""}
    return "mariadb", "", settings, settings


def lack(php):
    """Why MariaDB cannot be used; empty when it can."""
    if not programs.found("mariadbd") or not programs.found("mariadb-install-db"):
        return "MariaDB's server is not installed"
    return "" if "mysql" in programs.databases(php) else "PHP has no pdo_mysql"


def mariadb(folder, start_child):
    """Makes a database in this folder and starts the server."""
    os.mkdir(folder, 0o700)
    user = server_user()
    if user:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        # The server may pass through to its own folder, and see nothing on the way.
        os.chmod(os.path.dirname(folder), 0o711)
    words = [*SMALL, f"--datadir={folder}/data", *([f"--user={user}"] if user else [])]
    install = start_child([programs.find("mariadb-install-db"), *words[:1], "--skip-test-db",
                           "--auth-root-authentication-method=normal", *words[1:]], errors=subprocess.STDOUT)
    install.finish("mariadb-install-db")
    first = os.path.join(folder, "first.sql")
    with open(first, "w", encoding="utf-8") as file:
        file.write(FIRST)
    if user:
        os.chown(first, entry.pw_uid, entry.pw_gid)
    # What it holds is thrown away: it need not end gracefully.
    server = start_child([programs.find("mariadbd"), *words, "--skip-networking", "--skip-name-resolve",
                          f"--socket={folder}/socket", f"--pid-file={folder}/pid", f"--init-file={first}"],
                         ask=signal.SIGKILL, errors=subprocess.STDOUT)
    server.wait_for("ready for connections")


def server_user():
    """Whom root's server runs as; a server refuses to be root unless it is told."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("mysql").pw_name
    except KeyError:
        return "root"
