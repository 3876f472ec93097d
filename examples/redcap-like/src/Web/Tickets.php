<?php

// Tickets: encrypted data about one browser that expires, such as an EHR view, a launch that waits for a login, or a started sign-in.

declare(strict_types=1);

namespace App\Web;

use App\Ehr\Keyring;
use PDO;

final class Tickets
{
    public function __construct(
        private readonly PDO $database,
        private readonly Keyring $keyring,
    ) {}

    /**
     * Stores data until a time (seconds since 1970) and returns the ticket's name. The name may be in URLs, because it is useless
     * without the browser's session. A ticket with the same name is replaced.
     *
     * @param array<string, mixed> $note
     */
    public function keep(string $kind, string $browser, array $note, int $until, ?string $name = null): string
    {
        $name ??= bin2hex(random_bytes(16));
        $sealed = $this->keyring->seal(json_encode($note, JSON_THROW_ON_ERROR), "$kind $name");
        $this->database->prepare('REPLACE INTO ticket (kind, name, browser, until, sealed) VALUES (?, ?, ?, ?, ?)')
            ->execute([$kind, $name, $browser, $until, $sealed]);
        return $name;
    }

    /** @return array<string, mixed>|null the data, if the ticket belongs to this browser and has not expired */
    public function read(string $kind, string $browser, string $name): ?array
    {
        $found = $this->database->prepare('SELECT sealed FROM ticket WHERE kind = ? AND name = ? AND browser = ? AND until > ?');
        $found->execute([$kind, $name, $browser, time()]);
        /** @var string|false $sealed */
        $sealed = $found->fetchColumn();
        /** @var array<string, mixed>|null */
        return $sealed === false ? null : json_decode($this->keyring->open($sealed, "$kind $name"), true, flags: JSON_THROW_ON_ERROR);
    }

    /** @return list<string> the names of the tickets of a kind that belong to this browser and have not expired */
    public function names(string $kind, string $browser): array
    {
        $found = $this->database->prepare('SELECT name FROM ticket WHERE kind = ? AND browser = ? AND until > ?');
        $found->execute([$kind, $browser, time()]);
        /** @var list<string> */
        return $found->fetchAll(PDO::FETCH_COLUMN);
    }

    /** Deletes a ticket and returns whether it existed. Of two simultaneous calls, only one returns true. */
    public function drop(string $kind, string $browser, string $name): bool
    {
        $dropped = $this->database->prepare('DELETE FROM ticket WHERE kind = ? AND name = ? AND browser = ?');
        $dropped->execute([$kind, $name, $browser]);
        return $dropped->rowCount() === 1;
    }

    /** Deletes expired rows; cli.php daily calls it. */
    public static function purge(PDO $database): void
    {
        $database->prepare('DELETE FROM ticket WHERE until <= ?')->execute([time()]);
    }
}
