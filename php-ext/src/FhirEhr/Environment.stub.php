<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * How far from patients' care a source or a project is. Data of a sandbox or test source never enters a
 * production project.
 */
enum Environment: string
{
    /** A vendor's public sandbox or a simulator. */
    case Sandbox = "sandbox";
    /** A hospital's test system. */
    case Test = "test";
    /** Real patients. */
    case Production = "production";
}
