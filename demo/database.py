"""The application's database: a private MariaDB server with a socket in the run's folder, or else SQLite."""
import os
import pwd
import signal
import subprocess

import programs
from children import DemoError

# The application's user needs no password, because only the owner of the folder can reach the socket.
INITIAL_SQL = """CREATE DATABASE app CHARACTER SET utf8mb4;
CREATE USER app@localhost IDENTIFIED BY '';
GRANT ALL ON app.* TO app@localhost;
"""
# Small buffers make the start fast. Durability is the default, as in production.
OPTIONS = ("--no-defaults", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M", "--key-buffer-size=1M",
         "--aria-pagecache-buffer-size=8M", "--skip-log-bin")


def start(option, php, folder, start_child):
    """Starts the database for the option auto, mariadb or sqlite.

    Returns its kind, why it is not MariaDB, and the settings for the application's records and tokens.
    """
    reason = "requested by --database" if option == "sqlite" else mariadb_problem(php)
    if reason and option == "mariadb":
        raise DemoError(f"MariaDB cannot be used: {reason}.")
    if reason:
        files = [{"dsn": f"sqlite:{os.path.join(folder, name)}.sqlite"} for name in ("app", "tokens")]
        return "sqlite", reason, files[0], files[1]
    start_mariadb(os.path.join(folder, "database"), start_child)
    socket = os.path.join(folder, "database", "socket")
    settings = {"dsn": f"mysql:unix_socket={socket};dbname=app;charset=utf8mb4", "user": "app", "password": ""}
    return "mariadb", "", settings, settings


def mariadb_problem(php):
    """Why MariaDB cannot be used. Empty if it can."""
    if not programs.find_optional("mariadbd") or not programs.find_optional("mariadb-install-db"):
        return "the MariaDB server is not installed"
    return "" if "mysql" in programs.pdo_drivers(php) else "PHP has no pdo_mysql"


def start_mariadb(folder, start_child):
    """Makes a database in this folder and starts its server."""
    os.mkdir(folder, 0o700)
    user = server_user()
    if user:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        # The server's user can reach its own folder, but cannot list the folder around it.
        os.chmod(os.path.dirname(folder), 0o711)
    words = [*OPTIONS, f"--datadir={folder}/data", *([f"--user={user}"] if user else [])]
    install = start_child([programs.find("mariadb-install-db"), *words[:1], "--skip-test-db",
                           "--auth-root-authentication-method=normal", *words[1:]], errors=subprocess.STDOUT)
    install.finish("mariadb-install-db")
    initial = os.path.join(folder, "initial.sql")
    with open(initial, "w", encoding="utf-8") as file:
        file.write(INITIAL_SQL)
    if user:
        os.chown(initial, entry.pw_uid, entry.pw_gid)
    # Its data is deleted, so it can be killed.
    server = start_child([programs.find("mariadbd"), *words, "--skip-networking", "--skip-name-resolve",
                          f"--socket={folder}/socket", f"--pid-file={folder}/pid", f"--init-file={initial}"],
                         stop_signal=signal.SIGKILL, errors=subprocess.STDOUT)
    server.wait_for("ready for connections")


def server_user():
    """The user of a server that root starts. MariaDB does not run as root unless --user says so."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("mysql").pw_name
    except KeyError:
        return "root"
