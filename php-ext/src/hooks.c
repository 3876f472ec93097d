/* The hooks for access, log events and secrets: from the library's C callbacks to methods of PHP objects. */

#include "hooks.h"
#include "value.h"

struct allows_args {
	const char *user, *project;
	size_t user_length, project_length;
	uint32_t action;
};

static int32_t call_allows(fe_client *client, void *data)
{
	static const char *const actions[] = {"", "launch", "map", "pull", "adjudicate", "configure"};
	const struct allows_args *args = data;
	zval arguments[3], result;
	bool allowed;

	/* An action that only a newer library knows is refused, as the header requires. */
	if (args->action == 0 || args->action >= FE_COUNT(actions)) {
		return FHIR_EHR_HOOK_NO;
	}
	if (!fe_enum(&arguments[2], fe_Action_ce, actions[args->action], strlen(actions[args->action]))) {
		return FE_HOOK_FAILED;
	}
	ZVAL_STRINGL(&arguments[0], args->user, args->user_length);
	ZVAL_STRINGL(&arguments[1], args->project, args->project_length);
	if (!fe_call_method(&client->access, "allows", 3, arguments, &result)) {
		return FE_HOOK_FAILED;
	}
	allowed = Z_TYPE(result) == IS_TRUE;
	zval_ptr_dtor(&result);
	return allowed ? FHIR_EHR_HOOK_DONE : FHIR_EHR_HOOK_NO;
}

static int32_t allows(void *user_data, const char *user, size_t user_length, const char *project, size_t project_length,
	uint32_t action)
{
	struct allows_args args = {user, project, user_length, project_length, action};

	return fe_run_hook(user_data, call_allows, &args);
}

struct event_args {
	uint32_t level;
	const char *name, *fields;
	size_t name_length, fields_length;
};

static int32_t call_event(fe_client *client, void *data)
{
	const struct event_args *args = data;
	const char *level = args->level == FHIR_EHR_LEVEL_INFO ? "info" : args->level == FHIR_EHR_LEVEL_WARNING ? "warning" : "error";
	zval arguments[3], result;

	if (!fe_json_decode(&arguments[2], args->fields, args->fields_length)) {
		return FE_HOOK_FAILED;
	}
	if (!fe_enum(&arguments[0], fe_Level_ce, level, strlen(level))) {
		zval_ptr_dtor(&arguments[2]);
		return FE_HOOK_FAILED;
	}
	ZVAL_STRINGL(&arguments[1], args->name, args->name_length);
	if (!fe_call_method(&client->log, "event", 3, arguments, &result)) {
		return FE_HOOK_FAILED;
	}
	zval_ptr_dtor(&result);
	return FHIR_EHR_HOOK_DONE;
}

static int32_t event(void *user_data, uint32_t level, const char *name, size_t name_length, const char *fields,
	size_t fields_length)
{
	struct event_args args = {level, name, fields, name_length, fields_length};

	return fe_run_hook(user_data, call_event, &args);
}

struct secret_args {
	const char *name;
	size_t name_length;
	struct fhir_ehr_sink *sink;
};

static int32_t call_secret(fe_client *client, void *data)
{
	const struct secret_args *args = data;
	zval argument, result;

	ZVAL_STRINGL(&argument, args->name, args->name_length);
	if (!fe_call_method(&client->secret_provider, "secret", 1, &argument, &result)) {
		return FE_HOOK_FAILED;
	}
	fhir_ehr_sink_write(args->sink, (const uint8_t *) Z_STRVAL(result), Z_STRLEN(result));
	zval_ptr_dtor(&result);
	return FHIR_EHR_HOOK_DONE;
}

static int32_t secret(void *user_data, const char *name, size_t name_length, struct fhir_ehr_sink *sink)
{
	struct secret_args args = {name, name_length, sink};

	return fe_run_hook(user_data, call_secret, &args);
}

struct fhir_ehr_access fe_access_hooks(fe_client *client)
{
	return (struct fhir_ehr_access) {
		.struct_size = sizeof(struct fhir_ehr_access),
		.user_data = client,
		.allows = allows,
	};
}

struct fhir_ehr_log fe_log_hooks(fe_client *client)
{
	return (struct fhir_ehr_log) {
		.struct_size = sizeof(struct fhir_ehr_log),
		.user_data = client,
		.event = event,
	};
}

struct fhir_ehr_secret_provider fe_secret_provider_hooks(fe_client *client)
{
	return (struct fhir_ehr_secret_provider) {
		.struct_size = sizeof(struct fhir_ehr_secret_provider),
		.user_data = client,
		.secret = secret,
	};
}
