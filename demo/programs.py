"""Finds the programs that the demo's servers are."""
import os
import shutil
import subprocess

from children import Failed

# A user's PATH may lack the folders where Debian has servers.
FOLDERS = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def found(*names):
    """The first of these programs that is there, else None."""
    return next(filter(None, (shutil.which(name, path=FOLDERS) for name in names)), None)


def find(*names):
    """The first of these programs that is there."""
    program = found(*names)
    if not program:
        raise Failed(f"{names[0]} is not installed; scripts/setup demo says what to install")
    return program


def fpm(php):
    """php-fpm of the same version."""
    version = ask(php, "-n", "-r", "echo PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION;")
    return find(f"php-fpm{version}", f"php-fpm{version.replace('.', '')}", "php-fpm")


def databases(php):
    """What this PHP can connect to."""
    return ask(php, "-r", "echo implode(' ', PDO::getAvailableDrivers());").split()


def ask(*command):
    """What a program prints."""
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise Failed(f"{command[0]}: {(run.stderr or run.stdout).strip()}")
    return run.stdout
