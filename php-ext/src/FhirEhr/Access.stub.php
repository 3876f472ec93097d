<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * Hook: decides what a user of the application may do. A client without it refuses each call that needs permission.
 *
 * @example
 * final class Rights implements Access
 * {
 *     public function allows(string $user, string $project, Action $action): bool
 *     {
 *         return match ($action) {
 *             Action::Configure => $this->isAdministrator($user),
 *             Action::Launch => true,
 *             default => $this->mayUse($user, $project, $action->value),
 *         };
 *     }
 * }
 */
interface Access
{
    /**
     * Returns whether the user may do this. false: the method of the client throws an AccessException and does nothing.
     *
     * Later versions may have more actions: return false for those that you do not know. An exception comes out of the
     * client's method as the same object, and nothing was done.
     *
     * @param string $project the project; empty for Action::Launch and Action::Configure
     */
    public function allows(string $user, string $project, Action $action): bool;
}
