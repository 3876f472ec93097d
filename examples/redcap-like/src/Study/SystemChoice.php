<?php

// The EHR system in which a patient is looked up, for a record that has no patient yet. If the project may use one system, it is that
// one. If it may use several, the user chooses, because the same MRN can belong to another patient in another system.

declare(strict_types=1);

namespace App\Study;

use App\App;
use App\Web\Http;
use App\Web\Inputs;

final class SystemChoice
{
    public const MISSING = 'Choose the EHR system of the patient.';
    private const KIND = 'ehr-system';
    /** How long the choice of a project is kept: as long as a session. */
    private const SECONDS = 43200;

    /**
     * The system of this request: the posted one, or else the last choice in this project and browser. Null if the user has to choose.
     *
     * @param array<string, string> $systems the systems that the project may use: id => name
     */
    public static function of(App $app, Project $project, array $systems): ?string
    {
        if (count($systems) < 2) {
            return $systems === [] ? null : (string) array_key_first($systems);
        }
        $browser = $app->session()->browser();
        $name = hash('sha256', $browser . $project->name);
        $posted = Http::isPost() ? Http::parameter('system') : null;
        if ($posted === null) {
            /** @var array{system: string}|null $kept */
            $kept = $app->tickets()->read(self::KIND, $browser, $name);
            return $kept !== null && isset($systems[$kept['system']]) ? $kept['system'] : null;
        }
        if (!isset($systems[$posted])) {
            return null;
        }
        $app->tickets()->keep(self::KIND, $browser, ['system' => $posted], time() + self::SECONDS, $name);
        return $posted;
    }

    /**
     * The list of systems for a form; empty if there is nothing to choose.
     *
     * @param array<string, string> $systems
     */
    public static function html(array $systems, ?string $chosen): string
    {
        return count($systems) < 2 ? '' : '<p><label for="system">EHR system</label><select id="system" name="system" required>'
            . Inputs::options(['' => 'choose'] + $systems, $chosen ?? '') . '</select></p>';
    }
}
