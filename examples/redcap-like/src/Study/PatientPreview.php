<?php

// The preview of a patient: the values that the EHR has for a medical record number, before anything is saved.

declare(strict_types=1);

namespace App\Study;

use FhirEhr\Patient;

final class PatientPreview
{
    public static function html(Project $project, string $typed, Patient $patient): string
    {
        $facts = '<dt>Medical record number</dt><dd>' . h($patient->mrns[0])
            . ($patient->mrns[0] === $typed ? '' : ' <span class="hint">entered as ' . h($typed) . '</span>') . '</dd>';
        foreach ($project->preview as $field) {
            $value = $patient->values[$field] ?? '';
            $facts .= '<dt>' . h(SourceFields::label($field)) . '</dt><dd>' . ($value === '' ? '<span class="hint">no value</span>' : h($value)) . '</dd>';
        }
        return "<div class=\"panel\"><dl class=\"facts\">$facts</dl></div>";
    }
}
