/* A library that is no policy. */
int not_a_policy = 1;
