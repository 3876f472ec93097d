<?php

// The start of every page about a record: the user, the record, and all checks that must pass before anything of it is shown.

declare(strict_types=1);

namespace App\Study;

use App\App;
use App\Ehr\EhrView;
use App\Web\Http;

final class RecordRequest
{
    /**
     * Refuses the request unless the user has the right in the project and the project has the record. In an EHR view, the record
     * must also belong to the patient of the chart.
     *
     * @return array{string, ?EhrView, Project, string, string, string} user, view, project, record, and the patient's source and MRN
     */
    public static function checked(App $app, string $right): array
    {
        $user = $app->user();
        $view = $app->view();
        $project = $app->projects()->ofMember($user, Http::parameter('project'));
        $app->rights()->requireRight($user, $project->name, $right);
        $record = Http::parameter('record');
        [$source, $mrn] = $app->records()->patient($project, $record);
        $view?->requirePatient($source, $mrn);
        // In a view, the patient comes from the EHR of the launch.
        $source = $view === null ? $app->ehr()->sourceOfRecord($user, $project, $record, $source) : $source;
        return [$user, $view, $project, $record, $source, $mrn];
    }
}
