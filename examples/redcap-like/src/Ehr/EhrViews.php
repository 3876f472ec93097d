<?php

// EHR views: begun by a launch, ended by the user or by the end of the EHR's access.

declare(strict_types=1);

namespace App\Ehr;

use App\Web\Denied;
use App\Web\Session;
use App\Web\Tickets;
use FhirEhr\SignIn;

final class EhrViews
{
    private const KIND = 'view';

    public function __construct(
        private readonly Tickets $tickets,
        private readonly \FhirEhr $ehr,
    ) {}

    /** Begins the view of a launch and gives its id. */
    public function begin(Session $session, SignIn $signIn): string
    {
        if ($signIn->context->patient === null) {
            throw new Denied(400, 'No patient', "The EHR opened this application without a patient. Open it from a patient's chart.");
        }
        $patient = $this->ehr->patientOfLaunch($signIn);
        if ($patient->mrns === []) {
            throw new Denied(404, 'No medical record number', 'The EHR has no medical record number for this patient that this application knows.');
        }
        return $this->tickets->keep(self::KIND, $session->browser(), [
            'user' => $signIn->user,
            'source' => $signIn->source,
            'patientId' => $patient->patientId,
            'mrn' => $patient->mrns[0],
            'banner' => $signIn->context->needPatientBanner,
            'patient' => $patient->values,
            'until' => $signIn->context->expiresAt,
        ], $signIn->context->expiresAt);
    }

    /** The view with this id, if it is this browser's and has not ended. */
    public function of(Session $session, string $id): EhrView
    {
        $note = $this->tickets->read(self::KIND, $session->browser(), $id);
        if ($note === null) {
            throw new Denied(410, 'The EHR view has ended', "The EHR's access to this patient has ended, or you left the view. What you saved is saved. To go on, open the application from the patient's chart again.");
        }
        /** @var array{user: string, source: string, patientId: string, mrn: string, banner: bool, patient: array<string, string>, until: int} $note */
        $view = new EhrView(...['id' => $id, ...$note]);
        if ($session->user() !== null && $session->user() !== $view->user) {
            throw new Denied(403, 'Another user', "Somebody else has signed in to the application in this browser. Open the application from the patient's chart again.");
        }
        return $view;
    }

    public function end(Session $session, EhrView $view): void
    {
        $this->tickets->drop(self::KIND, $session->browser(), $view->id);
    }
}
