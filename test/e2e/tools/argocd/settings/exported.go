package settings

// ValidateExternalURL is called by controller/cache.
func ValidateExternalURL(u string) error { return validateExternalURL(u) }
