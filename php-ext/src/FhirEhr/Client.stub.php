<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The face: one method for each thing that an application does.
 *
 * Making a client for each request is cheap. The checked configuration, the TLS roots and the connections
 * live as long as the worker, one set for each configuration text; the hooks live as long as the client.
 *
 * What a hook throws comes out of the method as that very object. A client cannot be used by one of its own
 * hooks while they are called: that is an InternalException named "busy".
 *
 * @strict-properties
 * @not-serializable
 */
final class Client
{
    /**
     * A client for a configuration that the application keeps, for example in its database. A changed text
     * takes effect with the next client; no worker has to be restarted.
     *
     * @param string $configuration the JSON document (docs/config.schema.json); relative paths in it count
     *     from the current folder: write absolute ones, or use fromFile()
     * @param Store|null $store where sealed records are kept; null: the configuration's own SQLite file
     * @param Access|null $access who may do what; null: everybody may do everything
     * @param Log|null $log who hears what happens
     * @param SecretProvider|null $secretProvider the secret provider, for secrets that the configuration writes as "hook:NAME"
     *
     * @throws Exception\ConfigurationException when the document is not valid or a key cannot be had
     *
     * @example
     * $client = new Client(configuration: $settings->fhirEhr(), store: new PdoStore($pdo), log: new Psr3Log($logger));
     */
    public function __construct(
        #[\SensitiveParameter] string $configuration,
        ?Store $store = null,
        ?Access $access = null,
        ?Log $log = null,
        ?SecretProvider $secretProvider = null
    ) {}

    /**
     * A client for a configuration file; relative paths in it count from the file's folder. The file is read
     * with each call, so a change needs no restart.
     *
     * @throws Exception\ConfigurationException as the constructor, and when the file cannot be read
     */
    public static function fromFile(
        string $path,
        ?Store $store = null,
        ?Access $access = null,
        ?Log $log = null,
        ?SecretProvider $secretProvider = null
    ): Client {}

    /**
     * Handles the one address that the EHR launches and the authorization server returns to.
     *
     * @param string $query the request's query string as it came
     * @param string $session names the browser's session and is known to the application alone: session_id() after
     *     session_start()
     * @param string $redirectUri this very address, fixed by the application, never taken from the request
     *
     * @throws Exception\AuthorizationException when the state is not ours, was used, is too old or of
     *     another session; when the user or the EHR denied access, or the code is not accepted;
     *     when the EHR user is linked to another user than the one who began the sign-in ("ehr_user_of_another")
     * @throws Exception\ConfigurationException when the source or the redirect URI is not in the configuration
     * @throws Exception\ConnectionException when the token endpoint cannot be reached
     * @throws Exception\AccessException when Access does not allow the user to sign in
     * @throws Exception\RequestException when $session is empty
     *
     * @example
     * $arrival = $client->handleLaunch($_SERVER['QUERY_STRING'], session_id(), 'https://app.example/ehr.php');
     * match ($arrival->kind) {
     *     LaunchResultKind::Redirect => header("Location: $arrival->url"),
     *     LaunchResultKind::SignedIn => startSession($arrival->signIn->user),
     *     LaunchResultKind::LoginRequired => showLogin($_SESSION['handover'] = $arrival->handover),
     * };
     */
    public function handleLaunch(
        #[\SensitiveParameter] string $query,
        #[\SensitiveParameter] string $session,
        string $redirectUri
    ): LaunchResult {}

    /**
     * Begins a sign-in from the application, for a user it has logged in: the address to send the browser
     * to. It comes back to handleLaunch().
     *
     * @throws Exception\ConfigurationException when the source or the redirect URI is not in the configuration
     * @throws Exception\ConnectionException when the source's endpoints cannot be discovered
     * @throws Exception\AccessException when Access does not allow it
     * @throws Exception\RequestException when $session is empty
     */
    public function signIn(
        string $source,
        string $user,
        #[\SensitiveParameter] string $session,
        string $redirectUri
    ): string {}

    /**
     * Ends a launch for which the application has asked for its own login, and links the EHR's user to the
     * application's, so that later launches need none.
     *
     * @throws Exception\AuthorizationException when the hand-over was used, is too old or of another session, or the
     *     EHR user is linked to another user ("ehr_user_of_another")
     * @throws Exception\AccessException when Access does not allow the user to sign in
     * @throws Exception\RequestException when $session or $user is empty
     */
    public function finishLogin(
        #[\SensitiveParameter] string $handover,
        #[\SensitiveParameter] string $session,
        string $user
    ): SignIn {}

    /**
     * Checks a mapping that a user wants to use in a project.
     *
     * @return list<string> what is not as documented but could be used, a sentence each
     *
     * @throws Exception\MappingException with the line's number; getHint() says what to write instead
     * @throws Exception\AccessException when Access does not allow it
     */
    public function checkMapping(string $user, string $project, string $csv): array {}

    /**
     * Whether data of a source may enter a project of this environment. A production project takes data of a
     * production source only; a sandbox or test project takes data of any source. Call it before you list a
     * project for a patient of the source, and before you write the patient into the project. patient() and
     * pull() refuse by the same rule with a ConfigurationException named "environment_mismatch".
     *
     * Access is not asked. Neither the store nor the network is used.
     *
     * @param Environment $environment the project's
     *
     * @throws Exception\ConfigurationException when there is no such source
     *
     * @example
     * $open = array_filter($projects, fn ($project) => $client->sourceMayServe($signIn->source, $project->environment));
     */
    public function sourceMayServe(string $source, Environment $environment): bool {}

    /**
     * Pulls a patient's values and stages them. What did not come, and why, is in the report; when it throws,
     * nothing was staged.
     *
     * A value that a person has decided is never changed. When the EHR has another value now, that one waits in a row
     * of its own (StagedRow::$changed), and the decided row has EhrState::Corrected.
     *
     * @throws Exception\AuthorizationException when the user has to sign in (again)
     * @throws Exception\PatientException when there is no such patient, more than one, or another one came
     * @throws Exception\ConnectionException when the EHR cannot be reached
     * @throws Exception\TimeoutException when the EHR does not answer in time
     * @throws Exception\FhirException when the EHR refuses or fails before the patient is known
     * @throws Exception\MappingException when the mapping is not valid
     * @throws Exception\RequestException when the request is not valid, or the pull has too many rows
     * @throws Exception\ConfigurationException for an unknown source, or data that may not enter the project
     * @throws Exception\AccessException when Access does not allow it
     * @throws Exception\StagingException when the record belongs to another patient ("record_bound") or holds
     *     values of two patients ("record_mixed"): see clearPending()
     * @throws Exception\StoreException when rows cannot be staged
     *
     * @example
     * $pulled = $client->pull(new PullRequest(
     *     user: 'j.doe', source: 'ehr', project: '17', environment: Environment::Production,
     *     record: '1004', mrn: '10006579', mapping: $csv,
     * ));
     */
    public function pull(PullRequest $request): PullResult {}

    /**
     * Looks one patient up: record numbers and up to five demographic fields, for a banner or for finding the
     * study record. Nothing of it is staged or stored.
     *
     * Access is asked Action::Pull in the request's project; without a project, for a patientId, Action::Launch.
     *
     * @throws Exception\AuthorizationException when the user has to sign in (again)
     * @throws Exception\PatientException when there is no such patient, more than one, or another one came
     * @throws Exception\ConnectionException when the EHR cannot be reached
     * @throws Exception\TimeoutException when the EHR does not answer in time
     * @throws Exception\FhirException when the EHR refuses or fails, or knows no such id
     * @throws Exception\RequestException when not exactly one of mrn and patientId is given, an mrn or a system
     *     account without a project and its environment, too many fields, or one that is not demographic
     * @throws Exception\ConfigurationException for an unknown source, or data that may not enter the project
     * @throws Exception\AccessException when Access does not allow it
     *
     * @example
     * $patient = $client->patient(new PatientRequest(
     *     user: 'j.doe', source: 'ehr', patientId: $signIn->context->patient, fields: ['name-family', 'birthDate'],
     * ));
     * echo htmlspecialchars($patient->values['name-family'] ?? '?'), ' ', $records->withNumber($patient->mrns);
     */
    public function patient(PatientRequest $request): Patient {}

    /**
     * The rows that wait or are on their way, of one record or of the whole project, in the order in which
     * they are shown.
     *
     * @return list<StagedRow>
     *
     * @throws Exception\AccessException when Access does not allow it
     * @throws Exception\StoreException when the store cannot be reached
     * @throws Exception\StagingException when a row does not open: its key is gone, or it was changed; when the record
     *     holds values of two patients ("record_mixed")
     */
    public function staged(string $user, string $project, #[\SensitiveParameter] ?string $record = null): array {}

    /**
     * Notes a user's decisions on a record's rows, all or none of them; says how many there were. Rows that
     * are not named stay as they are.
     *
     * Name rows by StagedRow::$decision: a value that a pull has corrected since it was shown is then not
     * decided on unseen. StagedRow::$key names whatever value stands there.
     *
     * @param string[] $accept the rows to save
     * @param string[] $reject the rows not to save
     *
     * @throws Exception\StagingException when one names no waiting row, two accepted values would go into one
     *     place, the value was corrected or somebody else decided meanwhile; nothing was changed
     * @throws Exception\AccessException when Access does not allow it
     */
    public function adjudicate(
        string $user,
        string $project,
        #[\SensitiveParameter] string $record,
        array $accept = [],
        array $reject = []
    ): int {}

    /**
     * The rows of a record that were saved or rejected, in the order of staged(). Their values are erased, except
     * entries of lists that are in the record. StagedRow::$ehrState says what the EHR says about each of them now. A
     * value that removeSaved() named is among the rows of staged() until it is saved.
     *
     * @return list<StagedRow>
     *
     * @throws Exception\AccessException when Access does not allow it
     * @throws Exception\StoreException when the store cannot be reached
     * @throws Exception\StagingException as staged()
     */
    public function decided(string $user, string $project, #[\SensitiveParameter] string $record): array {}

    /**
     * Asks that saved values be removed from the record, such as entries of a list. The next valuesToSave() hands out
     * their places without them: a list without the entry, or an empty value. After saved() they count as rejected
     * and do not come back as new. Until the hand-out, reopen() takes a removal back. Says how many they are.
     *
     * @param string[] $keys StagedRow::$decision or StagedRow::$key of rows of decided() that are saved
     *
     * @throws Exception\StagingException when a key names no saved row, the record holds a later version of the value,
     *     another value is on its way into the same place, or another person was first; nothing was changed
     * @throws Exception\AccessException when Access does not allow it
     *
     * @example
     * $gone = array_filter($client->decided('j.doe', '17', '1004'), fn ($row) => $row->list && $row->ehrState === EhrState::Gone);
     * $client->removeSaved('j.doe', '17', '1004', array_column($gone, 'decision'));
     */
    public function removeSaved(string $user, string $project, #[\SensitiveParameter] string $record, array $keys): int {}

    /**
     * Deletes the rows of a record that wait for a decision, so that a wrong MRN can be corrected; says how many. When
     * no value of the record is saved or on its way, the next pull may be for another patient. Of a record that holds
     * values of two patients ("record_mixed"), accepted values that were not handed out are deleted too.
     *
     * @throws Exception\StagingException when the record keeps changing; nothing was changed
     * @throws Exception\AccessException when Access does not allow it
     * @throws Exception\StoreException when the store cannot be reached
     */
    public function clearPending(string $user, string $project, #[\SensitiveParameter] string $record): int {}

    /**
     * Deletes stored rows that cannot be decrypted although their key is in the key ring: they were changed or moved in the
     * store. Says how many. Until then, the record of such a row is neither shown nor pulled into ("row_damaged"). The next
     * pull brings the values again, as new ones: a decision that was noted in a deleted row is lost.
     *
     * @param string|null $record one study record; null: all of the project
     *
     * @throws Exception\StagingException when the key of a damaged row decrypts no other row of the project, so that the key
     *     may be wrong; nothing was deleted
     * @throws Exception\AccessException when Access does not allow it
     * @throws Exception\StoreException when the store cannot be reached
     *
     * @example
     * echo $client->removeDamaged('j.doe', '17', '1004'), " damaged rows were deleted; pull the record again\n";
     */
    public function removeDamaged(string $user, string $project, #[\SensitiveParameter] ?string $record = null): int {}

    /**
     * Takes acceptances of a record back: the rows wait again. It takes removals back too (removeSaved()). Says how many
     * they are.
     *
     * @param string[] $keys StagedRow::$key of accepted rows
     *
     * @throws Exception\StagingException when a key names no accepted row, or somebody else was first
     * @throws Exception\AccessException when Access does not allow it
     */
    public function reopen(string $user, string $project, #[\SensitiveParameter] string $record, array $keys): int {}

    /**
     * The accepted values of a record, for saving: each is handed out in one call only. Save them, then call
     * saved(), or returnUnsaved() to have them handed out again. A list comes whole. A value that is to be removed is
     * empty: write that too.
     *
     * @throws Exception\AccessException when Access does not allow it
     * @throws Exception\StagingException when somebody else asks at the same moment
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
     * The application has saved a set: its values are erased here and do not come back as new. Says how many
     * rows that were. The empty id of a set without values is fine: 0 rows.
     *
     * @throws Exception\StagingException when no such set is out
     */
    public function confirmSaved(string $project, #[\SensitiveParameter] string $record, string $saveId): int {}

    /**
     * The application could not save a set: its values will be handed out again. Says how many rows that were.
     *
     * @throws Exception\StagingException when no such set is out
     */
    public function returnUnsaved(string $project, #[\SensitiveParameter] string $record, string $saveId): int {}

    /**
     * Deletes what has expired in the store and says how many records that were; for a daily job.
     *
     * @throws Exception\StoreException when the store cannot be reached
     */
    public function purgeExpired(): int {}

    /**
     * The scopes that are asked for at a source, for the vendor's console.
     *
     * @return array{launch: list<string>, standalone: list<string>, system: list<string>}
     *
     * @throws Exception\ConfigurationException when there is no such source
     */
    public function scopes(string $source): array {}

    /**
     * The sources of the configuration, in its order. Nothing is read or sent for it.
     *
     * @return list<Source>
     */
    public function sources(): array {}

    /**
     * Auto-Find: asks a server that need not be in the configuration for its endpoints and its FHIR version.
     *
     * For an administrator who asks for it by hand: the base URL is typed by a person, never taken from a launch.
     * TLS and limits are the configuration's. Access is asked Action::Configure; the store is not touched.
     *
     * @param string $iss the FHIR base URL: https, or http on the loopback interface
     *
     * @throws Exception\ConfigurationException when the address is not allowed; nothing was sent
     * @throws Exception\ConnectionException when the server cannot be reached, or publishes no endpoints
     * @throws Exception\TimeoutException when it does not answer in time
     * @throws Exception\AccessException when Access does not allow it
     */
    public function discover(string $user, string $iss): Discovery {}

    /**
     * Checks whether a source answers as it is configured: its base URL and FHIR version, its endpoints, id and
     * secret of the registration for users, the system account; then redirect URIs, names of resource types, secrets, vault
     * keys, the CA file and the store. A step that failed throws nothing, and the others go on. No patient is asked for. The
     * store gets a test record, which is deleted again. It may take some seconds.
     *
     * Access is asked Action::Configure.
     *
     * @param bool $tryWrongSecret whether a production source may be asked with a secret that is certainly wrong, to compare the
     *     answers; the EHR may count such requests. Other sources are asked in any case
     *
     * @return list<CheckStep>
     *
     * @throws Exception\ConfigurationException when there is no such source
     * @throws Exception\AccessException when Access does not allow it
     *
     * @example
     * foreach ($client->checkSource('admin', 'ehr') as $step) {
     *     echo htmlspecialchars("$step->name: $step->status: $step->text $step->hint"), "<br>\n";
     * }
     */
    public function checkSource(string $user, string $source, bool $tryWrongSecret = false): array {}
}
