"""The demonstration registry of Jinhua: real names, codes and counts on a landscape that is made up."""
