<?php

// PDO for tests: something happens before a chosen statement that changes data.

declare(strict_types=1);

final class HookedPdo extends PDO
{
    /** @var array<int, Closure(HookedPdo): void> by the number of the statement, from 0 */
    public static array $before = [];
    public static int $number = 0;

    public function prepare(string $query, array $options = []): PDOStatement|false
    {
        $class = [PDO::ATTR_STATEMENT_CLASS => [HookedStatement::class, [$this]]];
        return parent::prepare($query, $class + $options);
    }

    /** Ends this connection from the server's side, and waits until it is gone. */
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
            $before = HookedPdo::$before[HookedPdo::$number] ?? null;
            unset(HookedPdo::$before[HookedPdo::$number++]);
            $before && $before($this->pdo);
        }
        return parent::execute($params);
    }
}

/** What a host may have told its connection to make of statements. */
final class HostStatement extends PDOStatement {}
