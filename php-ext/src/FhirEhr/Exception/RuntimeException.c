/* FhirEhr\Exception\RuntimeException: the base class, with the getters of the interface. */

#include "../../classes.h"
#include "ext/spl/spl_exceptions.h"
#include "RuntimeException_arginfo.h"

zend_class_entry *fe_RuntimeException_ce;

void fe_register_RuntimeException(void)
{
	fe_RuntimeException_ce = register_class_FhirEhr_Exception_RuntimeException(spl_ce_RuntimeException, fe_Exception_ce);
}

/* Each getter returns its property. */
#define GETTER(method, property) \
 ZEND_METHOD(FhirEhr_Exception_RuntimeException, method) \
 { \
  zval buffer; \
  ZEND_PARSE_PARAMETERS_NONE(); \
  RETURN_COPY_DEREF(zend_read_property(fe_RuntimeException_ce, Z_OBJ_P(ZEND_THIS), property, sizeof(property) - 1, false, \
	  &buffer)); \
 }

GETTER(getName, "name")
GETTER(getStage, "stage")
GETTER(getOwner, "owner")
GETTER(getRetry, "retry")
GETTER(getHint, "hint")
GETTER(getRetryAfter, "retryAfter")
GETTER(getVendorCode, "vendorCode")
GETTER(getCorrelationId, "correlationId")
GETTER(getHttpStatus, "httpStatus")
GETTER(getCause, "cause")
GETTER(getTicket, "ticket")
GETTER(getVendorClientId, "vendorClientId")
GETTER(getVendorTenant, "vendorTenant")
GETTER(getVendorLink, "vendorLink")
