import Testing
import WireFormats

struct CalendarDateTests {
    @Test(arguments: [
        (0, 1970, 1, 1), (59, 1970, 3, 1), (10_957, 2000, 1, 1), (11_016, 2000, 2, 29), (11_017, 2000, 3, 1),
        (20_783, 2026, 11, 26), (47_540, 2100, 2, 28), (47_541, 2100, 3, 1),
    ])
    func daysAndDates(days: Int, year: Int, month: Int, day: Int) {
        let date = CalendarDate(year: year, month: month, day: day)
        #expect(CalendarDate(daysSince1970: days) == date)
        #expect(date.daysSince1970 == days)
    }

    @Test func everyDayComesBack() {
        for days in stride(from: 0, to: 200_000, by: 7) {
            #expect(CalendarDate(daysSince1970: days).daysSince1970 == days)
        }
    }

    @Test func aMomentAsText() {
        #expect(CalendarDate.text(unixSeconds: 951_782_400 + 3_661) == "2000-02-29T01:01:01")
    }
}
