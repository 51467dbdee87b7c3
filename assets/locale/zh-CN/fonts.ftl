# Always in English: nothing else can be read where the font is missing.

fonts-none = No font for Chinese was found on this computer. Debian and Ubuntu: install fonts-noto-cjk. Fedora: google-noto-sans-cjk-fonts. Arch: noto-fonts-cjk.
fonts-speak-english = Use English
