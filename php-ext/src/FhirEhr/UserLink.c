/* FhirEhr\UserLink: a link from an EHR user to a user of the application. */

#include "../value.h"
#include "../to_php.h"
#include "UserLink_arginfo.h"

zend_class_entry *fe_UserLink_ce;

void fe_register_UserLink(void)
{
	fe_UserLink_ce = register_class_FhirEhr_UserLink();
	fe_value_class(fe_UserLink_ce, true);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_UserLink, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void make_link(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"id", "id"},
		{"source", "source"},
		{"ehr_user", "ehrUser"},
		{"key", "key"},
		{"ehr_user_name", "ehrUserName"},
		{"application_user", "applicationUser"},
		{"created_at", "createdAt"},
		{"damaged", "damaged"},
	};

	fe_object_from_document(target, fe_UserLink_ce, document, members, FE_COUNT(members));
}

void fe_user_links_to_php(const fe_call *call, zval *return_value)
{
	fe_list_to_php(call, make_link, return_value);
}
