import re
import sys

line = sys.stdin.readline()
print(len(re.findall("[aeiouAEIOU]", line)), len(re.findall("[b-df-hj-np-tv-zB-DF-HJ-NP-TV-Z]", line)))
