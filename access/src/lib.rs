//! Who is asking: access tokens, the secret of a guest's cart, and the principal that handlers take.
