<?php

// Who may do what, and who is who: the application's word, which fhir_ehr asks before it does anything.

declare(strict_types=1);

namespace App;

use App\Web\Denied;
use FhirEhr\Access;
use FhirEhr\Action;
use PDO;

final class Rights implements Access
{
    /** The rights a member can have in a project, with what they are called on the screen. */
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
            default => false, // what a later version may ask for
        };
    }

    public function has(string $user, string $project, string $right): bool
    {
        return $this->one('SELECT 1 FROM project_right WHERE member = ? AND project = ? AND what = ?', $user, $project, $right) !== null;
    }

    /** Ends a request for which the member has no right. */
    public function demand(string $user, string $project, string $right): void
    {
        if (!$this->has($user, $project, $right)) {
            throw new Denied(403, 'No right', 'You have no right to ' . self::PROJECT[$right] . ' in this project. Its owner can give it to you.');
        }
    }

    public function demandAdministrator(string $user): void
    {
        if (!$this->isAdministrator($user)) {
            throw new Denied(403, 'No right', 'Only administrators may see and change the connection to the EHR.');
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

    public function passwordIsRight(string $user, #[\SensitiveParameter] string $password): bool
    {
        // An unknown user costs as much time as a wrong password: nobody learns who is a member.
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
