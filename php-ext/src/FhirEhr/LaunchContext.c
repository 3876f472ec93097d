/* FhirEhr\LaunchContext: the launch context that the EHR sent with the token. */

#include "../value.h"
#include "../to_php.h"
#include "LaunchContext_arginfo.h"

zend_class_entry *fe_LaunchContext_ce;

void fe_register_LaunchContext(void)
{
	fe_LaunchContext_ce = register_class_FhirEhr_LaunchContext();
	fe_value_class(fe_LaunchContext_ce, true);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_LaunchContext, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_make_launch_context(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"patient", "patient"},
		{"encounter", "encounter"},
		{"ehr_user", "ehrUser"},
		{"id_token", "idToken"},
		{"id_token_error", "idTokenError"},
		{"need_patient_banner", "needPatientBanner"},
		{"smart_style_url", "smartStyleUrl"},
		{"intent", "intent"},
		{"tenant", "tenant"},
		{"granted_scopes", "grantedScopes"},
		{"missing_scopes", "missingScopes"},
		{"partly_granted_scopes", "partlyGrantedScopes"},
		{"refresh_token_missing", "refreshTokenMissing"},
		{"expires_at", "expiresAt"},
		{"view_ends_at", "viewEndsAt"},
	};

	zval *fhir_user = fe_member_of(document, "fhir_user");
	zval user;

	fe_object_from_document(target, fe_LaunchContext_ce, document, members, FE_COUNT(members));
	ZVAL_NULL(&user);
	if (Z_TYPE_P(fhir_user) == IS_ARRAY && !EG(exception)) {
		fe_make_fhir_user(&user, fhir_user);
	}
	if (!EG(exception)) {
		zend_update_property(fe_LaunchContext_ce, Z_OBJ_P(target), "fhirUser", strlen("fhirUser"), &user);
	}
	zval_ptr_dtor(&user);
	fe_set_list(target, "fhirContext", fe_member_of(document, "fhir_context"), fe_make_fhir_context);
}
