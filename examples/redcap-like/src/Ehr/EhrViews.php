<?php

// EHR views. A launch starts one. The library says when it has ended: its time is over, or the EHR refuses to refresh the access. It
// also ends when the user leaves it or signs out.

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

    /** Starts the view of a launch and returns its id. */
    public function begin(Session $session, SignIn $signIn): string
    {
        if ($signIn->context->patient === null) {
            throw new Denied(400, 'No patient', "The EHR opened this application without a patient. Open it from a patient's chart.");
        }
        $patient = $this->ehr->patientOfLaunch($signIn);
        if ($patient->mrns === []) {
            throw new Denied(404, 'No medical record number', 'The EHR has no medical record number for this patient that this application can use. Ask the administrator to check the MRN identifier systems of this EHR.');
        }
        return $this->tickets->keep(self::KIND, $session->browser(), [
            'user' => $signIn->user,
            'source' => $signIn->source,
            'patientId' => $patient->patientId,
            'mrn' => $patient->mrns[0],
            'banner' => $signIn->context->needPatientBanner,
            'patient' => $patient->values,
            'until' => $signIn->context->viewEndsAt,
            'launch' => $signIn->launchId,
        ], $signIn->context->viewEndsAt);
    }

    /** The view with this id, if it belongs to this browser and has not ended. */
    public function of(Session $session, string $id): EhrView
    {
        $note = $this->tickets->read(self::KIND, $session->browser(), $id);
        if ($note === null) {
            throw self::hasEnded();
        }
        /** @var array{user: string, source: string, patientId: string, mrn: string, banner: bool, patient: array<string, string>, until: int, launch: string} $note */
        $view = new EhrView(...['id' => $id, ...$note]);
        if ($session->user() !== null && $session->user() !== $view->user) {
            throw new Denied(403, 'Another user', "Another user has signed in to the application in this browser. Open the application from the patient's chart again.");
        }
        if (!$this->ehr->isViewOpen($view->user, $view->launch)) {
            $this->tickets->drop(self::KIND, $session->browser(), $id);
            throw self::hasEnded();
        }
        return $view;
    }

    public function end(Session $session, EhrView $view): void
    {
        $this->ehr->endView($view->user, $view->launch);
        $this->tickets->drop(self::KIND, $session->browser(), $view->id);
    }

    /** Ends all views of the browser, when its user signs out. */
    public function endAll(Session $session): void
    {
        foreach ($this->tickets->names(self::KIND, $session->browser()) as $id) {
            /** @var array{user: string, launch: string}|null $note */
            $note = $this->tickets->read(self::KIND, $session->browser(), $id);
            if ($note !== null) {
                $this->ehr->endView($note['user'], $note['launch']);
                $this->tickets->drop(self::KIND, $session->browser(), $id);
            }
        }
    }

    private static function hasEnded(): Denied
    {
        return new Denied(410, 'The EHR view has ended', "The EHR's access to this patient has expired, or you left the view. Saved data is not affected. To continue, open the application from the patient's chart again.");
    }
}
