// SPDX-License-Identifier: Apache-2.0
// The namespaces and value types of the enrolment messages (mdm-wire.md 0).
#pragma once

#define NS_S "http://www.w3.org/2003/05/soap-envelope"
#define NS_S11 "http://schemas.xmlsoap.org/soap/envelope/"
#define NS_A "http://www.w3.org/2005/08/addressing"
#define NS_E "http://schemas.microsoft.com/windows/management/2012/01/enrollment"
#define NS_X "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy"
#define NS_W "http://schemas.microsoft.com/windows/pki/2009/01/enrollment"
#define NS_T "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
#define NS_O "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
#define NS_U "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
#define NS_C "http://schemas.xmlsoap.org/ws/2006/12/authorization"
#define NS_XSI "http://www.w3.org/2001/XMLSchema-instance"
#define NS_DS "http://www.w3.org/2000/09/xmldsig#"
#define CM "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/"
#define B64 NS_O "#base64binary"
#define VALUE_USER_TOKEN CM "DeviceEnrollmentUserToken"
#define VALUE_JWT "urn:ietf:params:oauth:token-type:jwt"
#define VALUE_X509                                                                                 \
	"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
#define PASSWORD_TEXT                                                                              \
	"http://docs.oasis-open.org/wss/2004/01/"                                                  \
	"oasis-200401-wss-username-token-profile-1.0#PasswordText"
