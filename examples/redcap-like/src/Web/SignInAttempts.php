<?php

// Limits login attempts for each account and for each network address, so that passwords cannot be guessed.

declare(strict_types=1);

namespace App\Web;

use PDO;

final class SignInAttempts
{
    public const SECONDS = 900;
    public const PER_ACCOUNT = 10;
    /** Higher, because users in a hospital can share one address. */
    public const PER_ADDRESS = 50;

    public function __construct(
        private readonly PDO $database,
        private readonly string $address,
    ) {}

    /**
     * Counts an attempt before the password is checked, so that simultaneous attempts are all counted.
     *
     * @throws Denied after too many attempts; then even a correct password is not checked
     */
    public function begin(string $user): void
    {
        $now = time();
        foreach ([[$this->account($user), self::PER_ACCOUNT], [$this->network(), self::PER_ADDRESS]] as [$name, $limit]) {
            $this->database->prepare('INSERT INTO sign_in_attempt (name, at) VALUES (?, ?)')->execute([$name, $now]);
            $count = $this->database->prepare('SELECT COUNT(*) FROM sign_in_attempt WHERE name = ? AND at > ?');
            $count->execute([$name, $now - self::SECONDS]);
            if ((int) $count->fetchColumn() > $limit) {
                throw new Denied(429, 'Too many attempts', 'There were too many attempts to sign in. Wait '
                    . intdiv(self::SECONDS, 60) . ' minutes, then try again. If you did not make these attempts, contact the administrator.');
            }
        }
    }

    /** Deletes the failed attempts of the account after a correct password. */
    public function succeed(string $user): void
    {
        $this->database->prepare('DELETE FROM sign_in_attempt WHERE name = ?')->execute([$this->account($user)]);
        // The successful attempt does not count for the address.
        $last = $this->database->prepare('SELECT MAX(id) FROM sign_in_attempt WHERE name = ?');
        $last->execute([$this->network()]);
        $this->database->prepare('DELETE FROM sign_in_attempt WHERE id = ?')->execute([$last->fetchColumn()]);
    }

    /** Deletes expired rows; cli.php daily calls it. */
    public static function purge(PDO $database): void
    {
        $database->prepare('DELETE FROM sign_in_attempt WHERE at <= ?')->execute([time() - self::SECONDS]);
    }

    private function account(string $user): string
    {
        return 'account ' . hash('sha256', mb_strtolower($user));
    }

    /** IPv6 addresses are counted by /64 network, because one customer has at least a whole one. */
    private function network(): string
    {
        $bytes = inet_pton($this->address);
        $network = $bytes === false ? $this->address : substr($bytes, 0, strlen($bytes) === 16 ? 8 : 4);
        return 'address ' . hash('sha256', $network);
    }
}
