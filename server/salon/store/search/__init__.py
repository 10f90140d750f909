"""What people search for, in the languages of the databases, and how a find is shown. Pure."""
