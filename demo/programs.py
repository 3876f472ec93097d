"""Finds the programs that the demo starts as servers."""
import os
import shutil
import subprocess

from children import DemoError

# Debian installs servers in folders that a user's PATH may not include.
FOLDERS = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def find_optional(*names):
    """The path of the first of these programs that is installed, or None."""
    return next(filter(None, (shutil.which(name, path=FOLDERS) for name in names)), None)


def find(*names):
    """The path of the first of these programs that is installed."""
    program = find_optional(*names)
    if not program:
        raise DemoError(f"{names[0]} is not installed. Run scripts/setup demo to see what to install.")
    return program


def find_fpm(php):
    """The php-fpm of the same version as a PHP program."""
    version = output_of(php, "-n", "-r", "echo PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION;")
    return find(f"php-fpm{version}", f"php-fpm{version.replace('.', '')}", "php-fpm")


def pdo_drivers(php):
    """The PDO drivers of a PHP program."""
    return output_of(php, "-r", "echo implode(' ', PDO::getAvailableDrivers());").split()


def output_of(*command):
    """The standard output of a command."""
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise DemoError(f"{command[0]}: {(run.stderr or run.stdout).strip()}")
    return run.stdout
