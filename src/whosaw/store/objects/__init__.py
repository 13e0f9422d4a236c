"""Object stores: addresses, listings, and the bytes of an object's version. Nothing else in whosaw knows the libraries for them."""
