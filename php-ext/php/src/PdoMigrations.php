<?php

// Creates and migrates the schema of the PDO store.

declare(strict_types=1);

namespace FhirEhr;

use FhirEhr\Pdo\Dialects;
use FhirEhr\Pdo\Failure;
use FhirEhr\Pdo\Session;
use PDO;

final class PdoMigrations
{
    /** The schema version of this release. */
    public const VERSION = 1;

    /** For each schema version: the oldest schema version whose release can still use it. */
    private const READABLE_FROM = [1 => 1];

    private readonly Session $session;

    /** @param PDO $pdo a connection with the right to create tables, without an open transaction */
    public function __construct(
        PDO $pdo,
        private readonly string $prefix = 'fhir_ehr_',
    ) {
        Dialects::checkPrefix($prefix);
        $this->session = new Session($pdo, Dialects::of($pdo));
    }

    /** The schema version of the database; 0 if nothing is installed. */
    public function version(): int
    {
        return $this->session->guarded($this->installedVersion(...));
    }

    /**
     * The schema versions that install() would add.
     *
     * @return list<int>
     */
    public function pending(): array
    {
        $version = $this->version();
        return $version < self::VERSION ? range($version + 1, self::VERSION) : [];
    }

    /**
     * Migrates the schema to the version of this release. Does nothing if it is current. Several processes can call it at the same
     * time.
     *
     * @throws PdoStoreException if the database refuses a statement, or has the schema of a newer release
     */
    public function install(): void
    {
        $this->session->guarded(function (): void {
            if ($this->session->pdo->inTransaction()) {
                throw new \LogicException('The connection has an open transaction. Commit it or roll it back before the migration.');
            }
            $lock = "{$this->prefix}migrations";
            $this->session->dialect->lock($this->session, $lock);
            try {
                $version = $this->installedVersion();
                if ($version > self::VERSION) {
                    throw new PdoStoreException(
                        "The database has schema version {$version} of a newer release. This release supports versions up to "
                        . self::VERSION . '.',
                        Failure::Newer,
                    );
                }
                array_map($this->session->exec(...), $this->steps($version));
            } finally {
                $this->session->dialect->unlock($this->session, $lock);
            }
        });
    }

    /**
     * The statements that install() would run, for an administrator who runs them by hand. Each can be run repeatedly.
     *
     * @return list<string>
     */
    public function sql(): array
    {
        return $this->steps($this->version());
    }

    /** @return list<string> */
    private function steps(int $version): array
    {
        $dialect = $this->session->dialect;
        $table = $dialect->quote("{$this->prefix}schema");
        $steps = $version < self::VERSION ? $dialect->bookkeeping($table) : [];
        for ($to = $version + 1; $to <= self::VERSION; ++$to) {
            $from = self::READABLE_FROM[$to];
            array_push($steps, ...$dialect->migration($to, $this->prefix));
            $steps[] = "UPDATE {$table} SET version = {$to}, readable_from = {$from} WHERE version < {$to}";
        }
        return $steps;
    }

    private function installedVersion(): int
    {
        try {
            $table = $this->session->dialect->quote("{$this->prefix}schema");
            return (int) ($this->session->rows("SELECT version FROM {$table}")[0][0] ?? 0);
        } catch (\PDOException $cause) {
            $error = $this->session->error($cause);
            return $error->failure === Failure::NoTables ? 0 : throw $error;
        }
    }
}
