<?php

// The beginning of every page about one record: who asks, and all checks without which nothing of it may be shown.

declare(strict_types=1);

namespace App\Study;

use App\App;
use App\Ehr\EhrView;
use App\Web\Http;

final class RecordRequest
{
    /**
     * Ends the request unless the member has the right in the project, the project has the record, and the record is of the
     * patient in the chart when it is asked for in an EHR view.
     *
     * @return array{string, ?EhrView, Project, string, string, string} user, view, project, record, and the patient's source and MRN
     */
    public static function checked(App $app, string $right): array
    {
        $user = $app->user();
        $view = $app->view();
        $project = $app->projects()->ofMember($user, Http::parameter('project'));
        $app->rights()->demand($user, $project->name, $right);
        $record = Http::parameter('record');
        [$source, $mrn] = $app->records()->patient($project, $record);
        $view?->demand($source, $mrn);
        return [$user, $view, $project, $record, $source, $mrn];
    }
}
