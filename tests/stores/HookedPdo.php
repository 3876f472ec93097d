<?php

// A PDO class for tests, which runs a function before a chosen statement that changes data.

declare(strict_types=1);

final class HookedPdo extends PDO
{
    /** @var array<int, Closure(HookedPdo): void> functions by the number of the statement, from 0 */
    public static array $before = [];
    public static int $number = 0;
    /** @var ?Closure(HookedPdo): void a function for the next prepare(), once */
    public static ?Closure $atPrepare = null;
    /** For the store's own connection, because a PREPARE inside a transaction can lose an error of a cluster. */
    public bool $refusesPrepareInside = false;

    public function prepare(string $query, array $options = []): PDOStatement|false
    {
        if ($this->refusesPrepareInside && parent::inTransaction()) {
            throw new LogicException('A statement is prepared inside a transaction');
        }
        [$atPrepare, self::$atPrepare] = [self::$atPrepare, null];
        $atPrepare && $atPrepare($this);
        $class = [PDO::ATTR_STATEMENT_CLASS => [HookedStatement::class, [$this]]];
        return parent::prepare($query, $class + $options);
    }

    public function exec(string $statement): int|false
    {
        // This is the last moment at which a batch can find out that its transaction was rolled back.
        str_starts_with($statement, 'RELEASE SAVEPOINT') && self::reached($this);
        return parent::exec($statement);
    }

    public static function reached(self $pdo): void
    {
        $before = self::$before[self::$number] ?? null;
        unset(self::$before[self::$number++]);
        $before && $before($pdo);
    }

    /** Ends the transaction like a server whose error message is lost. PostgreSQL then refuses every statement. */
    public function rollBackSilently(): void
    {
        try {
            parent::exec($this->getAttribute(PDO::ATTR_DRIVER_NAME) === 'pgsql' ? 'SELECT 1 / 0' : 'ROLLBACK');
        } catch (PDOException) {
            // The lost error.
        }
    }

    /** Ends this connection from the server's side, and waits until the server has closed it. */
    public function lose(PDO $killer): void
    {
        if ($killer->getAttribute(PDO::ATTR_DRIVER_NAME) === 'pgsql') {
            $id = (int) parent::query('SELECT pg_backend_pid()')->fetchColumn();
            $killer->query("SELECT pg_terminate_backend({$id}, 10000)")->fetchAll();
            return;
        }
        $id = (int) parent::query('SELECT CONNECTION_ID()')->fetchColumn();
        $killer->exec("KILL {$id}");
        $gone = $killer->prepare('SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?');
        do {
            $gone->execute([$id]);
        } while ((int) $gone->fetchColumn() > 0);
    }
}

final class HookedStatement extends PDOStatement
{
    protected function __construct(
        private readonly HookedPdo $pdo,
    ) {}

    public function execute(?array $params = null): bool
    {
        if (!str_starts_with($this->queryString, 'SELECT')) {
            HookedPdo::reached($this->pdo);
        }
        return parent::execute($params);
    }
}

/** A statement class that a host application may have set on its connection. */
final class HostStatement extends PDOStatement {}
