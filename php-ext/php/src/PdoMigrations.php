<?php

// Brings a database to the schema of the PDO store, step by step.

declare(strict_types=1);

namespace FhirEhr;

use FhirEhr\Pdo\Dialects;
use FhirEhr\Pdo\Failure;
use FhirEhr\Pdo\Session;
use PDO;

final class PdoMigrations
{
    /** The schema of this release. */
    public const VERSION = 1;

    /** The oldest release's schema version whose code works on each version; a step may leave it as it is. */
    private const READABLE_FROM = [1 => 1];

    private readonly Session $session;

    /** @param PDO $pdo a connection that may create tables; not within a transaction */
    public function __construct(
        PDO $pdo,
        private readonly string $prefix = 'fhir_ehr_',
    ) {
        Dialects::checkPrefix($prefix);
        $this->session = new Session($pdo, Dialects::of($pdo));
    }

    /** The version that stands in the database; 0: nothing is installed. */
    public function version(): int
    {
        return $this->session->guarded($this->standing(...));
    }

    /**
     * The versions that install() would bring.
     *
     * @return list<int>
     */
    public function pending(): array
    {
        $version = $this->version();
        return $version < self::VERSION ? range($version + 1, self::VERSION) : [];
    }

    /**
     * Brings the schema to this release's; does nothing when it is there. Two processes may call it at once.
     *
     * @throws PdoStoreException when the database refuses, or holds the schema of a newer release
     */
    public function install(): void
    {
        $this->session->guarded(function (): void {
            if ($this->session->pdo->inTransaction()) {
                throw new \LogicException('Migrations do not run within a transaction');
            }
            $lock = "{$this->prefix}migrations";
            $this->session->dialect->lock($this->session, $lock);
            try {
                $version = $this->standing();
                if ($version > self::VERSION) {
                    throw new PdoStoreException(
                        "The database holds schema version {$version} of a newer release; this one knows up to "
                        . self::VERSION,
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
     * What install() would run now, for an administrator who runs it by hand. Each statement may be repeated.
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

    private function standing(): int
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
