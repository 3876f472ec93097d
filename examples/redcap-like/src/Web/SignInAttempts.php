<?php

// How often a password may be tried: counted for each account and for each address, so that neither one account nor many of
// them can be guessed from one place.

declare(strict_types=1);

namespace App\Web;

use PDO;

final class SignInAttempts
{
    public const SECONDS = 900;
    public const PER_ACCOUNT = 10;
    /** A hospital's users may share one address. */
    public const PER_ADDRESS = 50;

    public function __construct(
        private readonly PDO $database,
        private readonly string $address,
    ) {}

    /**
     * Counts an attempt before the password is looked at, so that attempts at the same moment are all counted.
     *
     * @throws Denied when there were too many; also a right password is not looked at then
     */
    public function begin(string $user): void
    {
        $now = time();
        foreach ([[$this->account($user), self::PER_ACCOUNT], [$this->place(), self::PER_ADDRESS]] as [$name, $most]) {
            $this->database->prepare('INSERT INTO sign_in_attempt (name, at) VALUES (?, ?)')->execute([$name, $now]);
            $count = $this->database->prepare('SELECT COUNT(*) FROM sign_in_attempt WHERE name = ? AND at > ?');
            $count->execute([$name, $now - self::SECONDS]);
            if ((int) $count->fetchColumn() > $most) {
                throw new Denied(429, 'Too many attempts', 'There were too many attempts to sign in. Wait '
                    . intdiv(self::SECONDS, 60) . ' minutes, then try again. If these attempts were not yours, tell the administrator.');
            }
        }
    }

    /** The password was right: what the user mistyped before does not count any more. */
    public function succeed(string $user): void
    {
        $this->database->prepare('DELETE FROM sign_in_attempt WHERE name = ?')->execute([$this->account($user)]);
        // One attempt of the address was no guess.
        $last = $this->database->prepare('SELECT MAX(id) FROM sign_in_attempt WHERE name = ?');
        $last->execute([$this->place()]);
        $this->database->prepare('DELETE FROM sign_in_attempt WHERE id = ?')->execute([$last->fetchColumn()]);
    }

    /** For the daily job. */
    public static function purge(PDO $database): void
    {
        $database->prepare('DELETE FROM sign_in_attempt WHERE at <= ?')->execute([time() - self::SECONDS]);
    }

    private function account(string $user): string
    {
        return 'account ' . hash('sha256', mb_strtolower($user));
    }

    /** An IPv6 customer has at least a /64 network. */
    private function place(): string
    {
        $bytes = inet_pton($this->address);
        $network = $bytes === false ? $this->address : substr($bytes, 0, strlen($bytes) === 16 ? 8 : 4);
        return 'address ' . hash('sha256', $network);
    }
}
