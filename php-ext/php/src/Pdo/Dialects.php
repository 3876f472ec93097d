<?php

// Selects the dialect of a connection, and checks table prefixes.

declare(strict_types=1);

namespace FhirEhr\Pdo;

use PDO;

/** @internal */
final class Dialects
{
    public static function of(PDO $pdo): Dialect
    {
        $driver = $pdo->getAttribute(PDO::ATTR_DRIVER_NAME);
        return match ($driver) {
            'mysql' => new MysqlDialect(str_contains((string) $pdo->getAttribute(PDO::ATTR_SERVER_VERSION), 'MariaDB')),
            'pgsql' => new PostgresDialect(),
            'sqlite' => new SqliteDialect(),
            default => throw new \InvalidArgumentException(
                'The PDO store supports the drivers mysql, pgsql and sqlite, not ' . var_export($driver, true),
            ),
        };
    }

    public static function checkPrefix(string $prefix): void
    {
        if (preg_match('/\A[A-Za-z_][A-Za-z0-9_]{0,31}\z/D', $prefix) !== 1) {
            throw new \InvalidArgumentException(
                'A table prefix must have 1 to 32 letters, digits or underscores, and must not start with a digit',
            );
        }
    }
}
