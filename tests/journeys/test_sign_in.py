"""A visitor signs in, in both languages, on a wide screen and on a telephone."""

import stories


def test_sign_in_and_profile(desk):
    user = stories.user(username="chen", display_name="陈静", team=stories.team("华东一组"))
    desk.go("/sign-in/")
    desk.shoot("sign-in-zh")
    desk.shoot("sign-in-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.sign_in(user)
    desk.go("/profile/")
    desk.shoot("profile-zh")
    desk.shoot("profile-zh-narrow", width=390, height=844)
    desk.press("?")
    desk.shoot("keys-narrow", width=390, height=844, whole=False)
    desk.press("Escape")
    desk.speak("en")
    desk.shoot("profile-en")
    desk.press("?")
    assert desk.page.locator("dialog#keys").is_visible()
    desk.shoot("keys-en", whole=False)
    desk.press("Escape")
    desk.go("/profile/second-factor/")
    desk.shoot("second-factor-en")
    desk.go("/nowhere/")
    desk.shoot("missing-en")
