<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The environment of a source or a project. Data from sandbox or test sources is refused for production projects.
 */
enum Environment: string
{
    /** A vendor's public sandbox or a simulator. */
    case Sandbox = "sandbox";
    /** A hospital's test system. */
    case Test = "test";
    /** A production system with real patients. */
    case Production = "production";
}
