<?php

// Made by php-ext/scripts/gen-arginfo from the .stub.php files. For IDEs and static analysis; never loaded.

namespace FhirEhr\Exception {
    /**
     * The interface of all exceptions of this extension. An exception of one of your hooks is not wrapped in one of them.
     *
     * getMessage() may be logged and shown: it contains no token, secret, MRN or URL with identifiers, and text from the EHR in it is
     * escaped. getCode() is the stable number and getName() the stable name; docs/errors.md lists them.
     *
     * @example
     * try {
     *     $pulled = $client->pull($request);
     * } catch (AuthorizationException $e) {
     *     header('Location: ' . $client->signIn('ehr', $user, session_id(), $redirectUri));
     * } catch (Exception $e) {
     *     $log->error($e->getMessage(), ['error' => $e->getName(), 'owner' => $e->getOwner(), 'hint' => $e->getHint()]);
     * }
     */
    interface Exception extends \Throwable
    {
        /** The stable name of the code, such as "state_unknown". */
        public function getName(): string;

        /** The stage in which the error occurred, such as "launch", "token", "pull" or "store". */
        public function getStage(): string;

        /** Who can fix it: "you", "ehr_team", "network_team" or "user". */
        public function getOwner(): string;

        /** When a retry can succeed: "never" (not until the problem is fixed), "now", "later" or "after_sign_in". */
        public function getRetry(): string;

        /** What to do about it, such as the configuration entry to add. */
        public function getHint(): ?string;

        /** The seconds to wait that the server requested (Retry-After). */
        public function getRetryAfter(): ?int;

        /** The vendor's error code, for a ticket to your EHR team. */
        public function getVendorCode(): ?string;

        /** The id with which the vendor's support finds the request. */
        public function getCorrelationId(): ?string;

        /** The HTTP status of the response that caused the error. */
        public function getHttpStatus(): ?int;
    }
}

namespace FhirEhr\Exception {
    /**
     * The base class of all exceptions of this extension.
     */
    class RuntimeException extends \RuntimeException implements Exception
    {
        private string $name = "";
        private string $stage = "";
        private string $owner = "";
        private string $retry = "";
        private ?string $hint = null;
        private ?int $retryAfter = null;
        private ?string $vendorCode = null;
        private ?string $correlationId = null;
        private ?int $httpStatus = null;

        /** The stable name of the code, such as "state_unknown". */
        public function getName(): string {}

        /** The stage in which the error occurred, such as "launch", "token", "pull" or "store". */
        public function getStage(): string {}

        /** Who can fix it: "you", "ehr_team", "network_team" or "user". */
        public function getOwner(): string {}

        /** When a retry can succeed: "never" (not until the problem is fixed), "now", "later" or "after_sign_in". */
        public function getRetry(): string {}

        /** What to do about it, such as the configuration entry to add. */
        public function getHint(): ?string {}

        /** The seconds to wait that the server requested (Retry-After). */
        public function getRetryAfter(): ?int {}

        /** The vendor's error code, for a ticket to your EHR team. */
        public function getVendorCode(): ?string {}

        /** The id with which the vendor's support finds the request. */
        public function getCorrelationId(): ?string {}

        /** The HTTP status of the response that caused the error. */
        public function getHttpStatus(): ?int {}
    }
}

namespace FhirEhr\Exception {
    /**
     * The EHR could not be reached: network, TLS, discovery or token endpoint. Nothing was changed; try again later.
     */
    class ConnectionException extends RuntimeException
    {
    }
}

namespace FhirEhr {
    /** Returns the version of the loaded library libfhir_ehr, such as "0.1.0". phpinfo() shows more. */
    function version(): string {}

    /**
     * Returns the fields that a mapping may name, for a search or a selection list. It contains frequent LOINC codes with labels;
     * each other LOINC code is a field, too.
     * - synonyms: other words that people type to find the field, such as "WBC".
     * - temporal: values have a time, so that the dates and the offset of a pull apply.
     * - demographic: the value is read from the Patient resource.
     *
     * @return list<array{name: string, label: string, category: string, synonyms: list<string>, temporal: bool, demographic: bool}>
     */
    function fields(): array {}
}

namespace FhirEhr {
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
}

namespace FhirEhr {
    /** What a user is about to do. The client asks Access before it does anything. */
    enum Action: string
    {
        /** Sign in, by a launch from the EHR or from the application. The project is empty. */
        case Launch = "launch";
        /** Check or change the mapping of a project. */
        case Map = "map";
        /** Pull a patient's values. */
        case Pull = "pull";
        /** Read staged values, decide on them and save them. */
        case Adjudicate = "adjudicate";
        /** Check or change the connection to a source. The project is empty. */
        case Configure = "configure";
    }
}

namespace FhirEhr {
    /**
     * The result of one step of Client::checkSource(). It contains no secret. Escape it before you show it: it may contain texts of the
     * EHR.
     */
    final class CheckStep
    {
        /**
         * "metadata", "endpoints", "client", "system_account", "redirect_uris", "resources", "secrets", "vault", "ca_file", "store" or
         * "not_checked". Later versions may have more.
         */
        public readonly string $name;
        /** "ok", "failed", "warning", "unknown" (the check cannot tell) or "skipped" (there is nothing to check). */
        public readonly string $status;
        /** The finding, in plain sentences. */
        public readonly string $text;
        /** What to do about it; null when there is nothing to do. */
        public readonly ?string $hint;
        /** Who can fix it, as in Exception::getOwner(); null when there is nothing to fix. */
        public readonly ?string $owner;
        /** The stable name of the error (docs/errors.md) that it leads to; null when there is nothing to fix. */
        public readonly ?string $error;
        /** The stable id of the finding (docs/administrator.md); "error" when the step itself ended with an error. */
        public readonly string $finding;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * The entry point of the extension: launch and sign-in, pull, review, save, and the administrator's checks.
     *
     * Create one client per request. This is cheap: the checked configuration, the TLS roots and the connections live as long as
     * the worker process, one set for each configuration text. The hooks live as long as the client.
     *
     * An exception of a hook comes out of the method as the same object. While a hook runs, its client is busy: a call on it
     * throws an InternalException named "busy".
     *
     * Each method may also throw: StoreException when the store fails or holds invalid data, StagingException when a stored
     * record cannot be decrypted, ConfigurationException when a vault key cannot be read, RequestException when an argument is
     * not valid UTF-8, and InternalException.
     */
    final class Client
    {
        /**
         * Creates a client for a configuration text that the application keeps, for example in its database. A changed text
         * takes effect with the next client. No worker has to be restarted.
         *
         * @param string $configuration the JSON document (docs/config.schema.json); relative paths in it count from the process's
         *     current folder, so write absolute paths or use fromFile()
         * @param Store|null $store keeps the sealed records; null: the SQLite file that the configuration names
         * @param Access|null $access decides what a user may do; null: each call that needs permission throws an AccessException
         * @param Log|null $log receives events; null: no events
         * @param SecretProvider|null $secretProvider returns the secrets that the configuration writes as "hook:NAME"
         *
         * @throws Exception\ConfigurationException when the document is not valid
         *
         * @example
         * $client = new Client($settings->fhirEhr(), store: new PdoStore($pdo), access: new Rights($user), log: new Psr3Log($logger));
         */
        public function __construct(
            #[\SensitiveParameter] string $configuration,
            ?Store $store = null,
            ?Access $access = null,
            ?Log $log = null,
            ?SecretProvider $secretProvider = null
        ) {}

        /**
         * Creates a client for a configuration file. Relative paths in it count from the file's folder. Each call reads the file,
         * so a change needs no restart.
         *
         * @param string $path the configuration file; the other parameters are those of the constructor
         *
         * @throws Exception\ConfigurationException when the file cannot be read or the document is not valid
         *
         * @example
         * $client = Client::fromFile('/etc/study/fhir_ehr.json', access: new Rights($user));
         */
        public static function fromFile(
            string $path,
            ?Store $store = null,
            ?Access $access = null,
            ?Log $log = null,
            ?SecretProvider $secretProvider = null
        ): Client {}

        /**
         * Handles a request to the launch address: a launch from the EHR, or the return from the authorization server.
         *
         * @param string $query the query string of the request, unchanged
         * @param string $session a secret text that identifies the browser's session, such as session_id() after session_start()
         * @param string $redirectUri the launch address: a constant of the application, never taken from the request
         *
         * @throws Exception\AuthorizationException when the state is unknown, was used before, has expired or belongs to another
         *     session; when the user or the EHR denied access; when the EHR rejects the code; when the EHR user is linked to a
         *     different user than the one who started the sign-in ("ehr_user_of_another")
         * @throws Exception\ConfigurationException when the source or the redirect URI is not in the configuration
         * @throws Exception\ConnectionException when discovery or the token endpoint fails
         * @throws Exception\AccessException when Access does not allow Action::Launch
         * @throws Exception\RequestException when $session is empty
         *
         * @example
         * $result = $client->handleLaunch($_SERVER['QUERY_STRING'], session_id(), 'https://app.example/ehr.php');
         * match ($result->kind) {
         *     LaunchResultKind::Redirect => header("Location: $result->url"),
         *     LaunchResultKind::SignedIn => startSession($result->signIn->user),
         *     LaunchResultKind::LoginRequired => showLogin($_SESSION['handover'] = $result->handover),
         * };
         */
        public function handleLaunch(
            #[\SensitiveParameter] string $query,
            #[\SensitiveParameter] string $session,
            string $redirectUri
        ): LaunchResult {}

        /**
         * Starts a sign-in from the application, for a user who has logged in there.
         *
         * @param string $source the id of the source
         * @param string $user the application's user
         * @param string $session as for handleLaunch()
         * @param string $redirectUri as for handleLaunch(), to which the browser returns
         *
         * @return string the authorize URL; redirect the browser to it
         *
         * @throws Exception\ConfigurationException when the source or the redirect URI is not in the configuration
         * @throws Exception\ConnectionException when discovery of the source's endpoints fails
         * @throws Exception\AccessException when Access does not allow Action::Launch
         * @throws Exception\RequestException when $session is empty
         *
         * @example
         * header('Location: ' . $client->signIn('ehr', 'j.doe', session_id(), 'https://app.example/ehr.php'));
         */
        public function signIn(
            string $source,
            string $user,
            #[\SensitiveParameter] string $session,
            string $redirectUri
        ): string {}

        /**
         * Completes a launch with LaunchResultKind::LoginRequired after the application's own login. It links the EHR user to the
         * application's user, so that later launches need no login.
         *
         * @param string $handover LaunchResult::$handover; it can be used once
         * @param string $session the session of the launch, as for handleLaunch()
         * @param string $user the application's user who has logged in
         *
         * @throws Exception\AuthorizationException when the hand-over was used before, has expired or belongs to another session;
         *     when the EHR user is linked to another user ("ehr_user_of_another")
         * @throws Exception\ConfigurationException when the source is no longer in the configuration
         * @throws Exception\AccessException when Access does not allow Action::Launch
         * @throws Exception\RequestException when $session or $user is empty
         *
         * @example
         * $signIn = $client->finishLogin($_SESSION['handover'], session_id(), 'j.doe');
         */
        public function finishLogin(
            #[\SensitiveParameter] string $handover,
            #[\SensitiveParameter] string $session,
            string $user
        ): SignIn {}

        /**
         * Checks a mapping before it is used in a project.
         *
         * @param string $csv the mapping as CSV
         *
         * @return list<string> warnings: sentences about lines that are accepted although they are not written as documented
         *
         * @throws Exception\MappingException when the mapping is not valid: the message names the line, getHint() the correction
         * @throws Exception\AccessException when Access does not allow Action::Map
         *
         * @example
         * foreach ($client->checkMapping('j.doe', '17', $csv) as $warning) {
         *     echo htmlspecialchars($warning), "<br>\n";
         * }
         */
        public function checkMapping(string $user, string $project, string $csv): array {}

        /**
         * Returns whether data of a source may be used in a project of this environment. A production project accepts data only
         * from a production source. A sandbox or test project accepts data from any source.
         *
         * Call it before you offer a project for a patient of the source, and again before you write into the project. patient()
         * and pull() enforce the same rule with a ConfigurationException named "environment_mismatch". It does not ask Access and
         * uses neither the store nor the network.
         *
         * @param string $source the id of the source
         * @param Environment $environment the environment of the project
         *
         * @throws Exception\ConfigurationException when the source is not in the configuration
         *
         * @example
         * $open = array_filter($projects, fn ($project) => $client->sourceMayServe($signIn->source, $project->environment));
         */
        public function sourceMayServe(string $source, Environment $environment): bool {}

        /**
         * Pulls the values of a patient and stages them. The report of the result says what is missing and why. When the method
         * throws, nothing was staged.
         *
         * It never changes a decided value. When the EHR has a new value, that one waits in a row of its own with
         * StagedRow::$changed, and the decided row gets EhrState::Corrected.
         *
         * @throws Exception\AuthorizationException when the user has to sign in or to sign in again
         * @throws Exception\PatientException when no patient or several patients have the MRN; when the EHR returns a different
         *     patient than requested
         * @throws Exception\ConnectionException when the EHR cannot be reached
         * @throws Exception\TimeoutException when the EHR does not answer in time
         * @throws Exception\FhirException when the EHR denies or fails the search for the patient
         * @throws Exception\MappingException when the mapping is not valid
         * @throws Exception\RequestException when the request is not valid or the result exceeds a limit
         * @throws Exception\ConfigurationException when the source is unknown or its data may not be used in the project
         * @throws Exception\AccessException when Access does not allow Action::Pull
         * @throws Exception\StagingException when the record belongs to another patient ("record_bound") or holds values of two
         *     patients ("record_mixed"): see clearPending()
         * @throws Exception\StoreException when the rows cannot be staged
         *
         * @example
         * $pulled = $client->pull(new PullRequest(
         *     user: 'j.doe', source: 'ehr', project: '17', environment: Environment::Production,
         *     record: '1004', mrn: '10006579', mapping: $csv,
         * ));
         */
        public function pull(PullRequest $request): PullResult {}

        /**
         * Reads one patient: the MRNs and up to five demographic fields, for a patient banner or to find the study record. It
         * stores nothing.
         *
         * With a project it asks Access for Action::Pull in that project. With a patientId and no project it asks for
         * Action::Launch.
         *
         * @throws Exception\AuthorizationException when the user has to sign in or to sign in again
         * @throws Exception\PatientException when no patient or several patients have the MRN; when the EHR returns a different
         *     patient than requested
         * @throws Exception\ConnectionException when the EHR cannot be reached
         * @throws Exception\TimeoutException when the EHR does not answer in time
         * @throws Exception\FhirException when the EHR denies or fails the request, or has no patient with this id
         * @throws Exception\RequestException when not exactly one of mrn and patientId is given; when an mrn or the system account
         *     is used without a project and its environment; when a field is not demographic or there are more than five
         * @throws Exception\ConfigurationException when the source is unknown or its data may not be used in the project
         * @throws Exception\AccessException when Access does not allow the action
         *
         * @example
         * $patient = $client->patient(new PatientRequest(
         *     user: 'j.doe', source: 'ehr', patientId: $signIn->context->patient, fields: ['name-family', 'birthDate'],
         * ));
         * echo htmlspecialchars($patient->values['name-family'] ?? '?'), ' ', $records->withMrn($patient->mrns);
         */
        public function patient(PatientRequest $request): Patient {}

        /**
         * Returns the rows that wait for a decision or for being saved, in display order.
         *
         * @param string|null $record one study record; null: all records of the project
         *
         * @return list<StagedRow>
         *
         * @throws Exception\StagingException when the key of a row is missing; when the record holds values of two patients
         *     ("record_mixed") or a damaged row ("row_damaged"). Without $record, such records are left out and logged
         * @throws Exception\AccessException when Access does not allow Action::Adjudicate
         *
         * @example
         * foreach ($client->staged('j.doe', '17', '1004') as $row) {
         *     echo htmlspecialchars("$row->studyField: $row->value"), "<br>\n";
         * }
         */
        public function staged(string $user, string $project, #[\SensitiveParameter] ?string $record = null): array {}

        /**
         * Records a user's decisions on rows of a record: all of them, or none when it throws. Other rows stay as they are.
         *
         * Identify rows by StagedRow::$decision. Then a value that a pull has corrected since the page was shown is not decided by
         * accident. StagedRow::$key identifies the row with whatever value it has now.
         *
         * @param list<string> $accept the rows to save
         * @param list<string> $reject the rows not to save
         *
         * @return int the number of decisions
         *
         * @throws Exception\StagingException when an entry identifies no waiting row ("row_not_found"); when two accepted values
         *     belong to one study field ("adjudication_ambiguous"); when the value was corrected or another user decided in the
         *     meantime ("row_conflict"). Nothing was changed
         * @throws Exception\AccessException when Access does not allow Action::Adjudicate
         *
         * @example
         * $client->adjudicate('j.doe', '17', '1004', accept: $_POST['accept'] ?? [], reject: $_POST['reject'] ?? []);
         */
        public function adjudicate(
            string $user,
            string $project,
            #[\SensitiveParameter] string $record,
            array $accept = [],
            array $reject = []
        ): int {}

        /**
         * Returns the rows of a record that were saved or rejected, in the order of staged(). Their values are erased, except list
         * entries that are in the record. StagedRow::$ehrState says what the last pull found out about each value. A row that
         * removeSaved() marked is returned by staged() until the removal is saved.
         *
         * @return list<StagedRow>
         *
         * @throws Exception\StagingException as staged() with a record
         * @throws Exception\AccessException when Access does not allow Action::Adjudicate
         *
         * @example
         * $gone = array_filter($client->decided('j.doe', '17', '1004'), fn ($row) => $row->ehrState === EhrState::Gone);
         */
        public function decided(string $user, string $project, #[\SensitiveParameter] string $record): array {}

        /**
         * Marks saved values for removal from the study record, such as list entries that are no longer in the EHR. The next
         * valuesToSave() returns the list without the entry, or an empty single value. After confirmSaved() these rows count as
         * rejected and do not come back as new. Until valuesToSave(), reopen() undoes the removal.
         *
         * @param list<string> $keys StagedRow::$decision or StagedRow::$key of saved rows from decided()
         *
         * @return int the number of marked rows
         *
         * @throws Exception\StagingException when a key identifies no saved row or the record holds a later version of the value
         *     ("row_not_found"); when another value is accepted for the same study field ("adjudication_ambiguous"); when another
         *     user changed the row in the meantime ("row_conflict"). Nothing was changed
         * @throws Exception\AccessException when Access does not allow Action::Adjudicate
         *
         * @example
         * $gone = array_filter($client->decided('j.doe', '17', '1004'), fn ($row) => $row->list && $row->ehrState === EhrState::Gone);
         * $client->removeSaved('j.doe', '17', '1004', array_column($gone, 'decision'));
         */
        public function removeSaved(string $user, string $project, #[\SensitiveParameter] string $record, array $keys): int {}

        /**
         * Deletes the rows of a record that wait for a decision, so that a wrong MRN can be corrected. If no value of the record is
         * saved or waits to be saved, the next pull may be for another patient. If the record holds values of two patients
         * ("record_mixed"), it also deletes accepted values that valuesToSave() has not returned yet.
         *
         * @return int the number of deleted rows
         *
         * @throws Exception\StagingException when other processes keep changing the record; nothing was changed
         * @throws Exception\AccessException when Access does not allow Action::Adjudicate
         *
         * @example
         * $client->clearPending('j.doe', '17', '1004'); // in the transaction that changes the MRN of the record
         */
        public function clearPending(string $user, string $project, #[\SensitiveParameter] string $record): int {}

        /**
         * Deletes damaged rows: rows that cannot be decrypted although their key is in the key ring, because they were changed or
         * moved in the store. Until then, no call reads or pulls into the record of such a row ("row_damaged"). The next pull
         * returns the values as new ones. A decision that was recorded in a deleted row is lost.
         *
         * @param string|null $record one study record; null: all records of the project
         *
         * @return int the number of deleted rows
         *
         * @throws Exception\StagingException when the key of a damaged row decrypts no other row of the project, so that the key
         *     may be wrong; nothing was deleted
         * @throws Exception\AccessException when Access does not allow Action::Adjudicate
         *
         * @example
         * echo $client->removeDamaged('j.doe', '17', '1004'), " damaged rows were deleted. Pull the record again.\n";
         */
        public function removeDamaged(string $user, string $project, #[\SensitiveParameter] ?string $record = null): int {}

        /**
         * Undoes acceptances: the rows wait for a decision again. It also undoes removals of removeSaved().
         *
         * @param list<string> $keys StagedRow::$decision or StagedRow::$key of accepted rows, or of rows marked for removal
         *
         * @return int the number of changed rows
         *
         * @throws Exception\StagingException when a key identifies no such row, or when another user changed the row in the
         *     meantime; nothing was changed
         * @throws Exception\AccessException when Access does not allow Action::Adjudicate
         *
         * @example
         * $client->reopen('j.doe', '17', '1004', [$row->key]);
         */
        public function reopen(string $user, string $project, #[\SensitiveParameter] string $record, array $keys): int {}

        /**
         * Returns the accepted values of a record for saving. Each value is in one set only, until returnUnsaved().
         * Save the values, then call confirmSaved(); if saving failed, call returnUnsaved(). A list is one value with all accepted
         * entries. A value that is to be removed is the empty text: write that, too.
         *
         * @throws Exception\StagingException when another process requests the values at the same moment ("row_conflict")
         * @throws Exception\AccessException when Access does not allow Action::Adjudicate
         *
         * @example
         * $set = $client->valuesToSave('j.doe', '17', '1004');
         * foreach ($set->values as $value) {
         *     $study->write('1004', $value->event, $value->studyField, $value->value);
         * }
         * $client->confirmSaved('17', '1004', $set->saveId);
         */
        public function valuesToSave(string $user, string $project, #[\SensitiveParameter] string $record): SaveSet {}

        /**
         * Confirms that the application has saved a set. The values are erased in the store and do not come back as new.
         *
         * @param string $saveId SaveSet::$saveId; the empty id of a set without values is accepted
         *
         * @return int the number of rows in the set
         *
         * @throws Exception\StagingException when there is no such set ("save_not_found")
         *
         * @example
         * $client->confirmSaved('17', '1004', $set->saveId);
         */
        public function confirmSaved(string $project, #[\SensitiveParameter] string $record, string $saveId): int {}

        /**
         * Returns a set that the application could not save. The next valuesToSave() contains its values again.
         *
         * @param string $saveId SaveSet::$saveId; the empty id of a set without values is accepted
         *
         * @return int the number of rows in the set
         *
         * @throws Exception\StagingException when there is no such set ("save_not_found")
         *
         * @example
         * try {
         *     $study->save($set->values);
         * } catch (StudyLocked) {
         *     $client->returnUnsaved('17', '1004', $set->saveId);
         * }
         */
        public function returnUnsaved(string $project, #[\SensitiveParameter] string $record, string $saveId): int {}

        /**
         * Deletes expired records from the store. Run it in a daily job.
         *
         * @return int the number of deleted records
         *
         * @throws Exception\StoreException when the store cannot be reached
         *
         * @example
         * echo $client->purgeExpired(), " expired records were deleted\n";
         */
        public function purgeExpired(): int {}

        /**
         * Returns the scopes that the library requests from a source, for the registration in the vendor's console.
         *
         * @return array{launch: list<string>, standalone: list<string>, system: list<string>}
         *
         * @throws Exception\ConfigurationException when the source is not in the configuration
         *
         * @example
         * echo implode(' ', $client->scopes('ehr')['launch']);
         */
        public function scopes(string $source): array {}

        /**
         * Returns the sources of the configuration, in its order, without secrets. It uses neither the store nor the network.
         *
         * @return list<Source>
         *
         * @example
         * foreach ($client->sources() as $source) {
         *     echo htmlspecialchars("$source->name ($source->iss)"), "<br>\n";
         * }
         */
        public function sources(): array {}

        /**
         * Discovers the endpoints and the FHIR version of a server, for an administrator who writes its configuration. The server
         * need not be in the configuration.
         *
         * The TLS settings and the limits of the configuration apply. It does not use the store.
         *
         * @param string $user the administrator
         * @param string $iss the FHIR base URL that the administrator has typed, never one from a launch: https, or http on the
         *     loopback interface
         *
         * @throws Exception\ConfigurationException when the address is not allowed; nothing was sent
         * @throws Exception\ConnectionException when the server cannot be reached or publishes no endpoints
         * @throws Exception\TimeoutException when the server does not answer in time
         * @throws Exception\AccessException when Access does not allow Action::Configure
         *
         * @example
         * $found = $client->discover('admin', 'https://fhir.example.org/r4');
         * echo htmlspecialchars("$found->fhirVersion, token endpoint $found->tokenEndpoint");
         */
        public function discover(string $user, string $iss): Discovery {}

        /**
         * Checks whether a source works as configured. The steps are: base URL and FHIR version, endpoints, client id and secret of
         * the registration for users, system account, redirect URIs, names of resource types, secrets, vault keys, CA file, store.
         *
         * A failed step throws nothing, and the other steps still run. It reads no patient. It writes a test record to the store
         * and deletes it. It may take some seconds.
         *
         * @param string $user the administrator
         * @param string $source the id of the source
         * @param bool $tryWrongSecret whether to send a wrong client secret to a production source, to compare the answers; the EHR
         *     may count this as a failed login. Sources of other environments are always tested with it
         *
         * @return list<CheckStep>
         *
         * @throws Exception\ConfigurationException when the source is not in the configuration
         * @throws Exception\AccessException when Access does not allow Action::Configure
         *
         * @example
         * foreach ($client->checkSource('admin', 'ehr') as $step) {
         *     echo htmlspecialchars("$step->name: $step->status: $step->text $step->hint"), "<br>\n";
         * }
         */
        public function checkSource(string $user, string $source, bool $tryWrongSecret = false): array {}
    }
}

namespace FhirEhr {
    /**
     * The endpoints and capabilities that a server announces, from Client::discover(). All texts come from the server: escape them
     * before you show them.
     */
    final class Discovery
    {
        /** The authorization endpoint; null when the server announces none. */
        public readonly ?string $authorizationEndpoint;
        /** The token endpoint. */
        public readonly string $tokenEndpoint;
        /** "r4" or "dstu2"; null when the server announces another version or none. */
        public readonly ?string $fhirVersion;
        /** The document that contained the endpoints: "smart-configuration" or "metadata". */
        public readonly string $foundIn;
        /**
         * The scopes that the server announces. It may grant others, too.
         *
         * @var list<string>
         */
        public readonly array $scopesSupported;
        /**
         * The SMART capabilities that the server announces, such as "launch-ehr".
         *
         * @var list<string>
         */
        public readonly array $capabilities;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /** What the last pull found out about a row's value in the EHR. It changes no decision. */
    enum EhrState: string
    {
        /** The EHR still has the value, or no pull has requested it since. */
        case Current = "current";
        /** The EHR has a new value, which waits in a row of its own. */
        case Corrected = "corrected";
        /** The resource is no longer in the EHR. */
        case Gone = "gone";
        /** The resource no longer gives this value for this field, such as a problem that was resolved. */
        case NotMatching = "not_matching";
        /** The EHR marks the resource as entered in error. */
        case EnteredInError = "entered_in_error";
    }
}

namespace FhirEhr {
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
}

namespace FhirEhr\Exception {
    /**
     * The access hook refused the action, or the client has no access hook.
     */
    final class AccessException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * The sign-in is missing, was refused or has ended. The user has to sign in, or to sign in again.
     */
    final class AuthorizationException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * The configuration is not valid, or a secret or a registration that it names does not work.
     */
    final class ConfigurationException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * The EHR's FHIR server refused a request, failed, or sent a response that cannot be used.
     */
    final class FhirException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * A hook called its own client ("busy"), or fhir_ehr has a bug ("internal").
     */
    final class InternalException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * The mapping is not valid. getMessage() names the line, getHint() the correction.
     */
    final class MappingException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * No patient or several patients have the MRN, or the EHR returned a different patient than requested. Nothing was staged.
     */
    final class PatientException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * An argument is not valid, or the result exceeds a limit.
     */
    final class RequestException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * A problem with staged rows: one cannot be decrypted, does not exist, was changed by another user, or conflicts with another
     * row.
     */
    final class StagingException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * The store cannot be reached, was not created by fhir_ehr, or returned an impossible result. Each change was stored completely or
     * not at all.
     */
    final class StoreException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * The EHR did not answer within the time limit.
     */
    final class TimeoutException extends ConnectionException
    {
    }
}

namespace FhirEhr {
    /**
     * The launch context that the EHR sent with the token. Dumps, casts to arrays and json_encode() hide the patient and the encounter.
     */
    final class LaunchContext
    {
        /** The FHIR id of the patient whose chart is open in the EHR. Pass it as PullRequest::$launchPatient. */
        public readonly ?string $patient;
        /** The FHIR id of the encounter that is open in the EHR. */
        public readonly ?string $encounter;
        /** The EHR's identifier of the user. */
        public readonly ?string $ehrUser;
        /** Whether the application must show a patient banner; true unless the EHR says that it shows one itself. */
        public readonly bool $needPatientBanner;
        /** The URL of the EHR's style document (SMART `smart_style_url`). */
        public readonly ?string $smartStyleUrl;
        /** The purpose of the launch (SMART `intent`). */
        public readonly ?string $intent;
        /** The tenant of the EHR (SMART `tenant`). */
        public readonly ?string $tenant;
        /** The granted scopes, separated by spaces; empty when the EHR does not name them. */
        public readonly string $grantedScopes;
        /**
         * The requested scopes that the granted scopes do not cover; empty when $grantedScopes is empty. An EHR may grant more than
         * it names.
         *
         * @var list<string>
         */
        public readonly array $missingScopes;
        /**
         * The end of the access token, in seconds since 1970-01-01 UTC. The library refreshes it by itself if the EHR issued a refresh
         * token.
         */
        public readonly int $expiresAt;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * The result of Client::handleLaunch(). Dumps, casts to arrays and json_encode() hide $url and $handover.
     */
    final class LaunchResult
    {
        /** What to do next. It says which of the other properties are set. */
        public readonly LaunchResultKind $kind;
        /** For Redirect: the URL to which to redirect the browser. */
        public readonly ?string $url;
        /** For SignedIn: the user and the launch context. */
        public readonly ?SignIn $signIn;
        /** For LoginRequired: the hand-over for Client::finishLogin(). Keep it in the browser's session. It can be used once. */
        public readonly ?string $handover;
        /** For LoginRequired: the EHR's identifier of the user. It comes from the EHR: escape it before you show it. */
        public readonly ?string $ehrUser;
        /** For SignedIn and LoginRequired: the id of the source. */
        public readonly ?string $source;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /** What an application does after Client::handleLaunch(). */
    enum LaunchResultKind: string
    {
        /** Redirect the browser to LaunchResult::$url. */
        case Redirect = "redirect";
        /** The user is signed in: see LaunchResult::$signIn. */
        case SignedIn = "signed_in";
        /** Show the application's own login, then call Client::finishLogin() with LaunchResult::$handover. */
        case LoginRequired = "login_required";
    }
}

namespace FhirEhr {
    /** The level of a log event. The values are those of PSR-3. */
    enum Level: string
    {
        /** For developers. The library logs nothing at this level today. */
        case Debug = "debug";
        /** Normal operation. */
        case Info = "info";
        /** Something was refused or is incomplete. */
        case Warning = "warning";
        /** Something failed that should have worked. */
        case Error = "error";
    }
}

namespace FhirEhr {
    /**
     * Hook: receives events. For a PSR-3 logger use FhirEhr\Psr3Log from the Composer package fhir-ehr/fhir-ehr-php.
     *
     * @example
     * final class SyslogLog implements Log
     * {
     *     public function event(Level $level, string $event, array $fields): void
     *     {
     *         syslog($level === Level::Info ? LOG_INFO : LOG_WARNING, "$event " . json_encode($fields));
     *     }
     * }
     */
    interface Log
    {
        /**
         * Receives one event, such as "pull_ended". Its fields are texts: counts, names of sources and of errors. No event contains
         * a token, a secret, an MRN, a patient's data or a URL.
         *
         * Do not throw here: the exception comes out of the client's method although its work may be complete.
         *
         * @param array<string, string> $fields
         */
        public function event(Level $level, string $event, array $fields): void;
    }
}

namespace FhirEhr {
    /** The side of a record's date on which PullRequest::$offsetDays counts. */
    enum OffsetDirection: string
    {
        /** Before and after the date. */
        case Both = "+-";
        /** On and after the date. */
        case After = "+";
        /** On and before the date. */
        case Before = "-";
    }
}

namespace FhirEhr {
    /**
     * A patient from Client::patient(). Nothing of it was stored. Dumps, casts to arrays and json_encode() hide it.
     */
    final class Patient
    {
        /** The FHIR id. */
        public readonly string $patientId;
        /**
         * The MRNs, best match first: in the order of the source's mrnSystems, and within one identifier the stored number before the
         * displayed one. Empty when the EHR has no identifier that counts as an MRN.
         *
         * @var list<string>
         */
        public readonly array $mrns;
        /**
         * The values of the requested fields, by field name. Fields without a value are absent.
         *
         * @var array<string, string>
         */
        public readonly array $values;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * The request of Client::patient(): a patient by MRN or by FHIR id; exactly one of them is set. Dumps, casts to arrays and
     * json_encode() hide MRN and id.
     *
     * @example
     * // The patient banner: the patient of the user's own launch.
     * $request = new PatientRequest(
     *     user: 'j.doe', source: 'ehr', patientId: $signIn->context->patient,
     *     fields: ['name-family', 'name-given', 'birthDate', 'gender'],
     * );
     * // In a study: a check that the MRN is right.
     * $request = new PatientRequest(
     *     user: 'j.doe', source: 'ehr', mrn: '10006579', fields: ['name-family', 'birthDate'],
     *     project: '17', environment: Environment::Production,
     * );
     */
    final class PatientRequest
    {
        /** The application's user on whose behalf the patient is read. */
        public readonly string $user;
        /** The id of the source in the configuration. */
        public readonly string $source;
        /** The patient's MRN. It requires a project. */
        public readonly ?string $mrn;
        /** The patient's FHIR id, such as LaunchContext::$patient. */
        public readonly ?string $patientId;
        /**
         * The names of up to five demographic fields ("demographic" in fields()).
         *
         * @var list<string>
         */
        public readonly array $fields;
        /** The application's id of the project. Empty: the patient of the user's own launch, by $patientId. */
        public readonly string $project;
        /**
         * The environment of the project; required with a project. Data from sandbox or test sources is refused for production
         * projects.
         */
        public readonly ?Environment $environment;
        /** Whether to read with the source's system account instead of the user's sign-in. It requires a project. */
        public readonly bool $system;
        /** The text form of the values. */
        public readonly TextMode $text;

        public function __construct(
            string $user,
            string $source,
            #[\SensitiveParameter] ?string $mrn = null,
            #[\SensitiveParameter] ?string $patientId = null,
            array $fields = [],
            string $project = '',
            ?Environment $environment = null,
            bool $system = false,
            TextMode $text = TextMode::Exact
        ) {}
    }
}

namespace FhirEhr {
    /**
     * The request of Client::pull(): what to pull for one study record. Dumps, casts to arrays and json_encode() hide record, MRN,
     * dates and patient.
     *
     * @example
     * $request = new PullRequest(
     *     user: 'j.doe', source: 'ehr', project: '17', environment: Environment::Production,
     *     record: '1004', mrn: '10006579', mapping: file_get_contents('mapping.csv'),
     *     dates: ['visit_date' => '2024-03-01'], offsetDays: 30,
     * );
     */
    final class PullRequest
    {
        /** The application's user on whose behalf the values are pulled. */
        public readonly string $user;
        /** The id of the source in the configuration. */
        public readonly string $source;
        /** The application's id of the project. */
        public readonly string $project;
        /** The environment of the project. Data from sandbox or test sources is refused for production projects. */
        public readonly Environment $environment;
        /** The study record. */
        public readonly string $record;
        /** The patient's MRN. */
        public readonly string $mrn;
        /** The mapping as CSV; Client::checkMapping() checks it. */
        public readonly string $mapping;
        /**
         * The dates of the study record by field: "2024-03-01", "2024-03-01 14:30" or "2024-03-01 14:30:00". For a field with a date in
         * each event: an array of dates by event.
         *
         * @var array<string, string|array<string, string>>
         */
        public readonly array $dates;
        /** The number of days around the dates within which values count; 0 or more. */
        public readonly int $offsetDays;
        /** The side of the dates on which these days count. */
        public readonly OffsetDirection $offsetDirection;
        /** The text form of the values. */
        public readonly TextMode $text;
        /** Whether to read with the source's system account instead of the user's sign-in. */
        public readonly bool $system;
        /** Within a launch: LaunchContext::$patient. The pull is refused when the MRN belongs to a different patient. */
        public readonly ?string $launchPatient;
        /** Whether PullResult::$report contains the ids of resources that gave no row. */
        public readonly bool $explain;

        public function __construct(
            string $user,
            string $source,
            string $project,
            Environment $environment,
            #[\SensitiveParameter] string $record,
            #[\SensitiveParameter] string $mrn,
            string $mapping,
            #[\SensitiveParameter] array $dates = [],
            int $offsetDays = 7,
            OffsetDirection $offsetDirection = OffsetDirection::Both,
            TextMode $text = TextMode::Exact,
            bool $system = false,
            #[\SensitiveParameter] ?string $launchPatient = null,
            bool $explain = false
        ) {}
    }
}

namespace FhirEhr {
    /**
     * The result of Client::pull(). The rows are staged already. Dumps, casts to arrays and json_encode() hide the patient and the
     * report.
     */
    final class PullResult
    {
        /** The id of the pull. */
        public readonly string $pullId;
        /** The patient's FHIR id. */
        public readonly string $patientId;
        /**
         * The staged rows.
         *
         * @var list<StagedRow>
         */
        public readonly array $rows;
        /**
         * What the pull received and what is missing:
         * - resources: by resource type. "status" is complete, partial, denied, skipped or failed; "reason" says why.
         * - without_date: fields that were left out because the record has no date for them.
         * - merged: whether the chart with this MRN was merged into another chart, which was used.
         * - not_preselected: fields for which the preselection rules proposed no value or left values out, with the reason.
         * - warnings: sentences about answers that were used although they violate the standard.
         * - requests: the number of requests, with retries.
         * - refreshed: whether the access token was refreshed.
         *
         * @var array{
         *     resources: array<string, array{status: string, requests: int, received: int, reason?: string, ...}>,
         *     without_date: list<string>,
         *     merged: bool,
         *     not_preselected: list<array{study_field: string, event: string, field: string, reason: string}>,
         *     warnings: list<string>,
         *     requests: int,
         *     refreshed: bool,
         * }
         */
        public readonly array $report;
        /** Whether the pull received everything that was requested. */
        public readonly bool $complete;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /** The state of a staged row in the workflow. */
    enum RowState: string
    {
        /** It waits for a decision. */
        case Pending = "pending";
        /** A user accepted it; it waits to be saved. */
        case Accepted = "accepted";
        /** A user rejected it. */
        case Rejected = "rejected";
        /** Client::valuesToSave() returned it; Client::confirmSaved() has not confirmed it yet. */
        case HandedOut = "handed_out";
        /** The application has saved it. */
        case Saved = "saved";
    }
}

namespace FhirEhr {
    /**
     * The values of one Client::valuesToSave() call. End it with Client::confirmSaved() or Client::returnUnsaved().
     */
    final class SaveSet
    {
        /** The id of the set; empty when there is nothing to save. */
        public readonly string $saveId;
        /** The study record. */
        public readonly string $record;
        /**
         * The values.
         *
         * @var list<ValueToSave>
         */
        public readonly array $values;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * Hook: returns the secrets that the configuration writes as "hook:NAME", from the application's key service. Without it such a
     * secret is an error, "secret_unavailable".
     *
     * @example
     * final class Vault implements SecretProvider
     * {
     *     public function secret(string $name): string
     *     {
     *         return $this->vault->read("fhir-ehr/$name") ?? throw new OutOfBoundsException("there is no secret $name");
     *     }
     * }
     */
    interface SecretProvider
    {
        /**
         * Returns the secret with this name. Throw when there is none or when the service cannot be reached: the exception comes out
         * of the client's method as the same object.
         *
         * The library overwrites its copy of the text after use.
         */
        public function secret(string $name): string;
    }
}

namespace FhirEhr {
    /**
     * A completed sign-in. Dumps, casts to arrays and json_encode() hide what its launch context hides.
     */
    final class SignIn
    {
        /** The application's user. */
        public readonly string $user;
        /** The id of the source. */
        public readonly string $source;
        /** The launch context that the EHR sent. */
        public readonly LaunchContext $context;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * A source of the configuration: a FHIR server, without its secrets.
     */
    final class Source
    {
        /** The id in the configuration, for Client::signIn(), Client::pull() and Client::scopes(). */
        public readonly string $id;
        /** The display name; the id when the configuration has none. */
        public readonly string $name;
        /** The FHIR base URL, as the EHR sends it in "iss". */
        public readonly string $iss;
        /** Data from sandbox or test sources is refused for production projects. */
        public readonly Environment $environment;
        /** "r4" or "dstu2". */
        public readonly string $fhirVersion;
        /** The vendor preset: "generic", "smart", "oracle" or "epic". */
        public readonly string $vendor;
        /** Whether it has a system account; only then PullRequest::$system may be true. */
        public readonly bool $systemAccount;
        /**
         * The redirect URIs of the registration for users.
         *
         * @var list<string>
         */
        public readonly array $redirectUris;
        /**
         * The origins of EHR pages that may show the application in a frame, ready for the header Content-Security-Policy.
         *
         * @var list<string>
         *
         * @example
         * header('Content-Security-Policy: frame-ancestors ' . implode(' ', $source->frameAncestors ?: ["'none'"]));
         */
        public readonly array $frameAncestors;
        /** The authorization endpoint; null when the configuration has none, so that it is discovered. */
        public readonly ?string $authorizationEndpoint;
        /** The token endpoint; null when the configuration has none, so that it is discovered. */
        public readonly ?string $tokenEndpoint;
        /**
         * The identifier systems of MRNs, best match first. Empty: identifiers of type MR count as MRNs.
         *
         * @var list<string>
         */
        public readonly array $mrnSystems;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * One pulled value for one field of a study record. Dumps, casts to arrays and json_encode() hide the value and the patient; read
     * the properties.
     */
    final class StagedRow
    {
        /**
         * A stable key. The same value of the same resource for the same study field has the same key. A correction of a
         * decided value has that value's key, a dot and a number.
         */
        public readonly string $key;
        /** The state of the row in the workflow: pending, accepted, rejected, handed_out or saved. */
        public readonly RowState $state;
        /** Whether an earlier value of the same resource was decided and this value differs from it. */
        public readonly bool $changed;
        /** The study record. */
        public readonly string $record;
        /** The event of the study record, or empty. */
        public readonly string $event;
        /** The field of the study record that takes the value. */
        public readonly string $studyField;
        /** The EHR field that the value was read from, such as birthDate or 29463-7. */
        public readonly string $sourceField;
        /**
         * The value as text. It is empty after the value was saved or rejected, except for list entries that are in the
         * study record.
         */
        public readonly string $value;
        /** The time that the EHR gives for the value. */
        public readonly ?string $timestamp;
        /** The code by which the value was found. */
        public readonly ?string $code;
        /** The code system of $code. */
        public readonly ?string $codeSystem;
        /** The display text of $code. */
        public readonly ?string $display;
        /** The unit of a quantity. */
        public readonly ?string $unit;
        /** The type of the FHIR resource. */
        public readonly string $resourceType;
        /** The id of the FHIR resource. */
        public readonly string $resourceId;
        /** The version of the FHIR resource. */
        public readonly ?string $versionId;
        /** Whether the mapping's preselection rules propose this value for acceptance. */
        public readonly bool $preselected;
        /** Whether the study field takes all accepted entries together, one per line. */
        public readonly bool $list;
        /** The position of the row among the rows of the same study field and event. */
        public readonly int $position;
        /** The id of the source from which the value was pulled. */
        public readonly string $source;
        /** The id of the pull that returned the value. */
        public readonly string $pullId;
        /** The time of that pull, in seconds since 1970-01-01 UTC. */
        public readonly int $pulledAt;
        /** The user whose sign-in was used for the pull. */
        public readonly string $pulledBy;
        /** The id of the save set that contains the row. */
        public readonly ?string $saveId;
        /** Identifies the row together with its current value, so that a decision applies to exactly this value. */
        public readonly string $decision;
        /**
         * What the last pull found out about the value in the EHR: current, corrected (a new value waits in a row of its
         * own), gone (no longer in the EHR), not_matching (the resource no longer gives this value for this field) or
         * entered_in_error. It never changes a decision.
         */
        public readonly EhrState $ehrState;
        /**
         * Whether a user requested that the saved value be removed. The next save set then removes it from the study
         * record.
         */
        public readonly bool $removing;
        /** The status of the FHIR resource, such as final or corrected. */
        public readonly ?string $resourceStatus;
        /** The time exactly as the EHR sent it. $timestamp may be converted to the time zone of the source's site. */
        public readonly ?string $timeSent;
        /** The measured value before a unit conversion; null if $value was not converted. */
        public readonly ?string $originalValue;
        /** The unit of $originalValue. */
        public readonly ?string $originalUnit;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * Hook: keeps the sealed records. FhirEhr\PdoStore from the Composer package fhir-ehr/fhir-ehr-php keeps them in the application's
     * database. docs/stores.md describes what a store of your own must do.
     *
     * A store sees ciphertext and a few clear columns to find, expire and lock records. An expired record counts as absent. Times
     * count by the store's clock.
     *
     * An exception comes out of the client's method as the same object, and nothing was changed. There is one special case: after the
     * EHR has rotated a refresh token, the library calls write() again until it succeeds or the lease ends. If it succeeds, the
     * exception is dropped. If the token is lost, the method throws an AuthorizationException named "grant_lost" with the store's
     * exception as its previous one.
     *
     * The library checks each result. An impossible one ends the call with a StoreException named "store_inconsistent".
     */
    interface Store
    {
        /** Returns the record, or null when it is absent or expired. */
        public function get(string $kind, string $key): ?StoredRecord;

        /**
         * Writes the whole batch in one transaction if the version of each part matches; otherwise it writes nothing. A batch may
         * contain records of the kinds "staged_row", "record_binding" and "pulled_row": a store must keep these three in one database.
         *
         * @param list<Write> $batch
         * @return int -1 when the batch is stored, else the index of the first part whose version does not match
         */
        public function write(array $batch): int;

        /**
         * Returns the live records that match, sorted by key as bytes, with keys greater than $after, at most $limit. null matches any
         * value.
         *
         * @return list<StoredRecord>
         */
        public function scan(
            string $kind,
            string $organization,
            ?string $project,
            ?string $subject,
            ?string $state,
            ?string $after,
            int $limit
        ): array;

        /**
         * Acquires a lease, or renews it for the same holder.
         *
         * @return int|null the fence, which is greater than each earlier one; null while another holder has the lease
         */
        public function acquireLease(string $name, string $holder, int $seconds): ?int;

        /** Releases the lease if it still has this holder and this fence. */
        public function releaseLease(string $name, string $holder, int $fence): void;

        /** Deletes expired records and returns their number. */
        public function purgeExpired(): int;
    }
}

namespace FhirEhr {
    /**
     * One sealed record of a Store.
     */
    final class StoredRecord
    {
        /**
         * "pending_launch", "grant", "user_link", "index_key", "staged_row", "record_binding" or "pulled_row"; at most 32
         * bytes. Later versions may have more kinds: store them unchanged.
         */
        public readonly string $kind;
        /** The key, unique within the kind; at most 64 bytes. */
        public readonly string $key;
        /** The organization of the configuration. */
        public readonly string $organization;
        /** The project, or empty. */
        public readonly string $project;
        /** A keyed hash of the study record or user that it belongs to, or empty; at most 64 bytes. */
        public readonly string $subject;
        /** A state such as "pending", the id of a pull, or empty; at most 64 bytes. */
        public readonly string $state;
        /** The seconds from now, by the store's clock, after which it counts as absent; null: never. */
        public readonly ?int $expiresIn;
        /** The version, counted by the store: 1 for a new record, plus 1 with each change. */
        public readonly int $version;
        /** The ciphertext. */
        public readonly string $sealed;

        public function __construct(
            string $kind,
            string $key,
            string $organization,
            string $project,
            string $subject,
            string $state,
            ?int $expiresIn,
            int $version,
            string $sealed
        ) {}
    }
}

namespace FhirEhr {
    /** The text form of pulled values. */
    enum TextMode: string
    {
        /** Numbers and times exactly as the server sent them. */
        case Exact = "exact";
        /** Numbers as PHP floats with 14 digits and times in minutes, as older PHP applications have stored them. */
        case Php14 = "php14";
    }
}

namespace FhirEhr {
    /**
     * One value for one field of the study record. Dumps, casts to arrays and json_encode() hide the value; read the property.
     */
    final class ValueToSave
    {
        /** The event of the study record, or empty. */
        public readonly string $event;
        /** The field of the study record. */
        public readonly string $studyField;
        /** The text to write into the field; empty to clear it. */
        public readonly string $value;
        /** The unit of a single value that has one. */
        public readonly ?string $unit;
        /** The time that the EHR gives for a single value. */
        public readonly ?string $timestamp;
        /**
         * The keys of the rows that the value comes from.
         *
         * @var list<string>
         */
        public readonly array $keys;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * One part of a batch for Store::write().
     */
    final class Write
    {
        /** The kind of the record. */
        public readonly string $kind;
        /** The key of the record. */
        public readonly string $key;
        /** The version that the stored record must have; 0: there must be no live record. The new version is this plus 1. */
        public readonly int $expected;
        /** The record to write; null deletes. Ignore its $version. */
        public readonly ?StoredRecord $record;

        public function __construct(string $kind, string $key, int $expected, ?StoredRecord $record) {}
    }
}
