<?php

// Sealed notes about one browser that end by themselves: an EHR view, a launch that waits for a login, a sign-in under way.

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
     * Keeps a note until a time (seconds since 1970) and gives its name, which may stand in addresses: without the
     * browser's session it is worth nothing.
     *
     * @param array<string, mixed> $note
     */
    public function keep(string $kind, string $browser, array $note, int $until, ?string $name = null): string
    {
        $name ??= bin2hex(random_bytes(16));
        $sealed = $this->keyring->seal(json_encode($note, JSON_THROW_ON_ERROR), "$kind $name");
        $this->database->prepare('INSERT INTO ticket (kind, name, browser, until, sealed) VALUES (?, ?, ?, ?, ?)')
            ->execute([$kind, $name, $browser, $until, $sealed]);
        return $name;
    }

    /** @return array<string, mixed>|null the note, if it is this browser's and has not ended */
    public function read(string $kind, string $browser, string $name): ?array
    {
        $found = $this->database->prepare('SELECT sealed FROM ticket WHERE kind = ? AND name = ? AND browser = ? AND until > ?');
        $found->execute([$kind, $name, $browser, time()]);
        /** @var string|false $sealed */
        $sealed = $found->fetchColumn();
        /** @var array<string, mixed>|null */
        return $sealed === false ? null : json_decode($this->keyring->open($sealed, "$kind $name"), true, flags: JSON_THROW_ON_ERROR);
    }

    /** Whether it was there: of two who drop a ticket at once, one has dropped it. */
    public function drop(string $kind, string $browser, string $name): bool
    {
        $dropped = $this->database->prepare('DELETE FROM ticket WHERE kind = ? AND name = ? AND browser = ?');
        $dropped->execute([$kind, $name, $browser]);
        return $dropped->rowCount() === 1;
    }

    /** For the daily job. */
    public static function purge(PDO $database): void
    {
        $database->prepare('DELETE FROM ticket WHERE until <= ?')->execute([time()]);
    }
}
