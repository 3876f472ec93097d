<?php

// Users and their rights. fhir_ehr asks allows() before each operation.

declare(strict_types=1);

namespace App;

use App\Web\Denied;
use FhirEhr\Access;
use FhirEhr\Action;
use PDO;

final class Rights implements Access
{
    /** The rights in a project, and their names on the pages. */
    public const PROJECT = ['data' => 'enter data', 'map' => 'set up the mapping', 'adjudicate' => 'adjudicate data'];

    public function __construct(
        private readonly PDO $database,
    ) {}

    public function allows(string $user, string $project, Action $action): bool
    {
        return match ($action) {
            Action::Launch => $this->isMember($user),
            Action::Map => $this->has($user, $project, 'map'),
            Action::Pull => $this->has($user, $project, 'data') || $this->has($user, $project, 'adjudicate'),
            Action::Adjudicate => $this->has($user, $project, 'adjudicate'),
            Action::Configure => $this->isAdministrator($user),
            default => false, // actions of later versions
        };
    }

    public function has(string $user, string $project, string $right): bool
    {
        return $this->one('SELECT 1 FROM project_right WHERE member = ? AND project = ? AND what = ?', $user, $project, $right) !== null;
    }

    /** Refuses the request if the user does not have the right. */
    public function requireRight(string $user, string $project, string $right): void
    {
        if (!$this->has($user, $project, $right)) {
            throw new Denied(403, 'No permission', 'You do not have permission to ' . self::PROJECT[$right] . ' in this project. Ask the project owner for it.');
        }
    }

    public function requireAdministrator(string $user): void
    {
        if (!$this->isAdministrator($user)) {
            throw new Denied(403, 'No permission', 'Only administrators can view and change the connection to the EHR.');
        }
    }

    public function isMember(string $user): bool
    {
        return $this->one('SELECT 1 FROM member WHERE name = ?', $user) !== null;
    }

    public function isAdministrator(string $user): bool
    {
        return $this->one('SELECT administrator FROM member WHERE name = ?', $user) === '1';
    }

    /** An administrator, for jobs that run without a user; null if there is none. */
    public function anyAdministrator(): ?string
    {
        return $this->one('SELECT name FROM member WHERE administrator = 1 ORDER BY name');
    }

    public function passwordIsRight(string $user, #[\SensitiveParameter] string $password): bool
    {
        // An unknown user takes as long as a wrong password, so that the time does not show which users exist.
        $hash = $this->one('SELECT password_hash FROM member WHERE name = ?', $user);
        return password_verify($password, $hash ?? '$2y$10$aaaaaaaaaaaaaaaaaaaaaOaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') && $hash !== null;
    }

    public function addMember(string $name, #[\SensitiveParameter] string $password, bool $administrator): void
    {
        $this->database->prepare('REPLACE INTO member (name, password_hash, administrator) VALUES (?, ?, ?)')
            ->execute([$name, password_hash($password, PASSWORD_DEFAULT), (int) $administrator]);
    }

    private function one(string $sql, string ...$values): ?string
    {
        $found = $this->database->prepare($sql);
        $found->execute($values);
        $value = $found->fetchColumn();
        return $value === false ? null : (string) $value;
    }
}
